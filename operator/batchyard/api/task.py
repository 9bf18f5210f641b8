"""BatchTask: one command, where it ran and how it ended."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from .command import CommandLine, ContainerSettings, EnvironmentSettings, ResourceRequirements, UserIdentity
from .dependencies import TaskDependencies
from .duration import Duration
from .execution import Path, TaskExecutionInformation
from .exits import ExitConditions
from .meta import DisplayName, Resource, Status, Timestamp
from .model import Count, Identifier, LabelName, Model, ObjectName, RetryCount, immutable, rule, rules
from .names import range_key
from .range import ChosenIds, RangeStatus, TaskRange
from .states import JobAction, TaskDesiredState, TaskState


class TaskConstraints(Model):
    max_wall_clock_time: Duration | None = None
    """How long one run may take; then it is killed and the task has failed. Unset: no limit."""
    max_task_retry_count: RetryCount | None = None
    """How often the command is run again after a non-zero exit code; -1 without limit. Unset: the job's value."""
    retention_time: Duration = "P7D"
    """How long its directory is kept on the node after its end, while the job exists. Default P7D."""


class AffinityInformation(Model):
    affinity_id: Annotated[str, Field(min_length=1, max_length=253)]
    """Name of the node the task prefers; it runs elsewhere if that node is busy."""


class TaskBody(Model):
    """What a task is, whether it stands inside a job or on its own."""

    display_name: DisplayName = ""
    """A name for people, at most 1024 characters."""
    command_line: CommandLine
    """Command to run, split into words by shell quoting rules; no shell is run unless named: /bin/sh -c '...'. At most 32768 characters."""
    container_settings: ContainerSettings | None = None
    """Image it runs in. Unset: the pool's containerSettings."""
    resources: ResourceRequirements = Field(default_factory=ResourceRequirements)
    """CPU, memory and devices of its container."""
    environment_settings: EnvironmentSettings = ()
    """Its environment variables, at most 100; they override the job's commonEnvironmentSettings."""
    user_identity: UserIdentity = UserIdentity()
    """The user it runs as. Unset: a non-admin user shared by the pool."""
    required_slots: Annotated[int, Field(ge=1, le=256)] = 1
    """How many of a node's task slots it takes, 1 to 256. Default 1."""
    constraints: TaskConstraints = TaskConstraints()
    """Limits of its runs. The only part of a task that can change later."""
    depends_on: TaskDependencies | None = None
    """Tasks of the same job that must succeed first. Needs usesTaskDependencies on the job."""
    exit_conditions: ExitConditions | None = None
    """What follows for the job and for dependent tasks from how it ended."""
    affinity_info: AffinityInformation | None = None
    """A preferred node."""


class InlineTask(TaskBody):
    """A task written inside its job; becomes a BatchTask owned by the job."""

    id: Identifier
    """Id of the task: letters, digits, `-` and `_`, at most 64; unique in the job without regard to case. With range only a name for it."""
    range: TaskRange | None = None
    """One task for every integer from start to end, at most 10000, with the integer as its id."""


_FIXED = (
    "jobId", "id", "range", "commandLine", "containerSettings", "resources", "environmentSettings",
    "userIdentity", "requiredSlots", "dependsOn", "exitConditions", "affinityInfo",
)  # fmt: skip


class TaskSpec(TaskBody):
    model_config = ConfigDict(
        json_schema_extra=rules(
            *(immutable(field, "create a new task; only constraints can change") for field in _FIXED),
            rule("!(has(self.id) && has(self.range))", "set either id or range, not both", ".range"),
            rule(
                "self.desiredState == 'terminated' || oldSelf.desiredState != 'terminated'",
                "terminated is final: create a new task",
                ".desiredState",
            ),
            rule(
                "has(self.range) || !(has(self.terminatedIds) || has(self.reactivatedIds))",
                "terminatedIds and reactivatedIds need range; set desiredState or raise reactivations",
                ".terminatedIds",
            ),
            rule("self.reactivations >= oldSelf.reactivations", "reactivations can only be raised", ".reactivations"),
        )
    )

    job_id: LabelName
    """Name of the BatchJob it belongs to, in the same namespace."""
    id: Identifier | None = None
    """Id of the task: letters, digits, `-` and `_`, at most 64; unique in the job without regard to case. Default: the object's name."""
    range: TaskRange | None = None
    """Instead of id: one task for every integer from start to end, at most 10000, with the integer as its id."""
    desired_state: TaskDesiredState = TaskDesiredState.ACTIVE
    """active (default), or terminated to end the task for good."""
    reactivations: Count = 0
    """Raise by one to run a failed task again, with its retries counted anew; of a range all that have failed, or reactivatedIds."""
    terminated_ids: ChosenIds | None = None
    """Of a range: integers to end for good, whether they run or wait; 1,3-5 are 1, 3, 4 and 5."""
    reactivated_ids: ChosenIds | None = None
    """Of a range: which integers a raise of reactivations is about, as in terminatedIds. Unset: all that have failed."""


class NodeInformation(Model):
    node_id: ObjectName
    """Name of the node it runs or ran on."""
    pool_id: Annotated[str, Field(max_length=253)] = ""
    """Name of that node's pool."""
    task_root_directory: Path = ""
    """Its directory on the node, below AZ_BATCH_NODE_ROOT_DIR."""


class PlacementFailure(Model):
    node_id: ObjectName
    """Name of the node."""
    time: Timestamp
    """When the task gave up waiting for room there (UTC)."""


class TaskStatus(Status):
    state: TaskState | None = None
    """active, preparing, running or completed; for display."""
    execution_info: TaskExecutionInformation | None = None
    """The latest run."""
    node_info: NodeInformation | None = None
    """Where the latest run was or is."""
    range: RangeStatus | None = None
    """Of a range: what has become of each of its integers."""
    placement_failure: PlacementFailure | None = None
    """The latest node on which the cluster had no room for its Pod; it is avoided for some minutes."""
    attempt: Count = 0
    """Number of the current attempt, from 0; written before its Pod exists. Of a range: the highest."""
    recovery_count: Count = 0
    """How often it was run again because its node failed. Not the user's retries."""
    reactivations: Count = 0
    """How many of spec.reactivations are done."""
    job_action: JobAction | None = None
    """What its end did to its job, once that is done: disable, or none if it was ended by request."""


class Task(Resource):
    """One command of a job."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                "has(self.spec.id) || has(self.spec.range) || self.metadata.name.matches('^[a-z0-9-]{1,64}$')",
                "is required here, because metadata.name is no task id: letters, digits, '-' and '_', at most 64",
                ".spec.id",
            )
        )
    )
    plural: ClassVar[str] = "batchtasks"
    short_name: ClassVar[str] = "btask"

    kind: Literal["BatchTask"] = "BatchTask"
    spec: TaskSpec
    """What to run."""
    status: TaskStatus = TaskStatus()
    """How it goes; written by the operator."""

    @property
    def id(self) -> str:
        """Of a range only what it goes by, for it has many."""
        return self.spec.id or (range_key(self.metadata.name) if self.spec.range else self.metadata.name)
