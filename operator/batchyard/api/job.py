"""BatchJob: a preparation for each node, tasks, and a release; with limits, priority and requests."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from .command import CommandLine, ContainerSettings, EnvironmentSettings, UserIdentity
from .dependencies import SatisfiedTasks
from .duration import Duration, at_most
from .job_rules import POOL, RULES
from .meta import DisplayName, Metadata, Resource, Status, Timestamp
from .model import (
    Count,
    Identifier,
    LabelName,
    Model,
    QualifiedIdentifier,
    RetryCount,
    keyed_by,
    rule,
    rules,
)
from .pool import NAME_RULE
from .states import DisableTasks, JobDesiredState, JobState, OnAllTasksComplete, OnTaskFailure, ReadyWhen
from .task import InlineTask

MaxParallelTasks = Annotated[
    int,
    Field(ge=-1, le=2**31 - 1, json_schema_extra=rules(rule("self != 0", "must be at least 1, or -1 for no limit"))),
]


class PoolInformation(Model):
    pool_id: LabelName
    """Name of the BatchPool in the same namespace; it may be created later."""


class JobConstraints(Model):
    max_wall_clock_time: Duration | None = None
    """How long the job may exist, from its creation; then it is terminated. Unset: no limit."""
    max_task_retry_count: RetryCount = 0
    """How often a task that sets no own value is run again after a non-zero exit code. Default 0; -1 without limit."""


class JobPreparationTaskConstraints(Model):
    max_wall_clock_time: Duration | None = None
    """How long one run may take; then it is killed and has failed. Unset: no limit."""
    max_task_retry_count: RetryCount = 0
    """How often it is run again on the same node after a non-zero exit code. Default 0; -1 without limit."""
    retention_time: Duration = "P7D"
    """How long its directory is kept on the node after its end, while the job exists. Default P7D."""


class JobPreparationTask(Model):
    id: Identifier = "jobpreparation"
    """Id of the task: letters, digits, `-` and `_`, at most 64. Default jobpreparation; no other task of the job may have it."""
    command_line: CommandLine
    """Command run once on each node before the job's first task there; must be idempotent. At most 32768 characters."""
    container_settings: ContainerSettings | None = None
    """Image it runs in. Unset: the pool's containerSettings."""
    environment_settings: EnvironmentSettings = ()
    """Its environment variables, at most 100; they override the job's commonEnvironmentSettings."""
    user_identity: UserIdentity = UserIdentity()
    """The user it runs as. Unset: a non-admin user shared by the pool."""
    constraints: JobPreparationTaskConstraints = JobPreparationTaskConstraints()
    """Limits of its runs."""
    wait_for_success: bool = True
    """Whether the job's tasks wait for its success on their node. Default true: where it finally failed no task of the job runs."""
    rerun_on_node_reboot_after_success: bool = True
    """Whether it runs again after its node rebooted, before the next task of the job there. Default true."""


class JobReleaseTask(Model):
    id: Identifier = "jobrelease"
    """Id of the task: letters, digits, `-` and `_`, at most 64. Default jobrelease; no other task of the job may have it."""
    command_line: CommandLine
    """Command run at the end of the job on each node where its tasks were started. At most 32768 characters."""
    container_settings: ContainerSettings | None = None
    """Image it runs in. Unset: the pool's containerSettings."""
    environment_settings: EnvironmentSettings = ()
    """Its environment variables, at most 100; they override the job's commonEnvironmentSettings."""
    user_identity: UserIdentity = UserIdentity()
    """The user it runs as. Unset: a non-admin user shared by the pool."""
    max_wall_clock_time: Annotated[Duration, Field(json_schema_extra=at_most("PT15M"))] = "PT15M"
    """How long it may take, at most PT15M; then it is killed and the job goes on to its end. Default PT15M."""
    retention_time: Duration = "P7D"
    """How long its directory is kept on the node after its end, while the job exists. Default P7D."""


class JobSpec(Model):
    model_config = ConfigDict(json_schema_extra=rules(*RULES))

    id: QualifiedIdentifier | None = None
    """Azure's id where it is no object name: letters, digits, `-`, `_` and `:`, at most 64. Default: the object's name. Unique in the namespace without regard to case; told to tasks as AZ_BATCH_JOB_ID."""
    display_name: DisplayName = ""
    """A name for people, at most 1024 characters."""
    pool_info: PoolInformation
    """The pool that runs the job. Can be changed while the job is disabled: nodes of the new pool are prepared afresh, those of the old one released and wiped."""
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    """-1000 to 1000, higher goes first among the jobs of a pool. Default 0. Running tasks are displaced only in jobs with allowTaskPreemption."""
    max_parallel_tasks: MaxParallelTasks = -1
    """How many tasks of the job may run at once, at least 1; -1 (default) without limit."""
    allow_task_preemption: bool = False
    """Whether tasks of jobs with higher priority that find no free slots may push running tasks of this job back into the queue. Default false."""
    constraints: JobConstraints = JobConstraints()
    """Limits of the job and of its tasks."""
    common_environment_settings: EnvironmentSettings = ()
    """Environment variables of all tasks, preparation and release included, at most 100."""
    job_preparation_task: JobPreparationTask | None = None
    """Runs once on each node before the job's first task there."""
    job_release_task: JobReleaseTask | None = None
    """Runs at the end of the job on each node where its tasks were started. Needs jobPreparationTask."""
    on_all_tasks_complete: OnAllTasksComplete = OnAllTasksComplete.NO_ACTION
    """What happens when all tasks are completed, or there is none: noaction (default), or terminatejob."""
    on_task_failure: OnTaskFailure = OnTaskFailure.NO_ACTION
    """What happens when a task has finally failed: noaction (default), or performexitoptionsjobaction."""
    uses_task_dependencies: bool = False
    """Whether tasks of the job may have dependsOn. Default false."""
    desired_state: JobDesiredState = JobDesiredState.ACTIVE
    """active (default); disabled to pause the job; terminated to end it for good."""
    disable_tasks: DisableTasks = DisableTasks.REQUEUE
    """What happens to running tasks when desiredState becomes disabled: requeue (default), terminate or wait."""
    ready_when: ReadyWhen = ReadyWhen.COMPLETED
    """When Helm, Flux and Argo CD take the job for ready and go on: completed (default); started: as soon as a task of it runs. A job that fails has failed for them either way."""
    ttl_seconds_after_finished: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    """How many seconds after its end the job is deleted, with its tasks, records and directories on the nodes. Unset: it stays until somebody deletes it."""
    terminate_reason: Annotated[str, Field(max_length=1024)] = ""
    """Why the job is terminated, repeated in status.executionInfo. Default UserTerminate."""
    tasks: Annotated[tuple[InlineTask, ...], Field(max_length=500, json_schema_extra=keyed_by("id"))] = ()
    """Tasks to create with the job, at most 500. More can be added as BatchTask objects while the job is active."""
    metadata: Metadata = ()
    """Names and values of your own; Batchyard does not read them."""


class JobExecutionInformation(Model):
    start_time: Timestamp | None = None
    """When the job was created (UTC)."""
    end_time: Timestamp | None = None
    """When it was completed (UTC)."""
    pool_id: Annotated[str, Field(max_length=253)] = ""
    """Name of the pool that runs it."""
    terminate_reason: Annotated[str, Field(max_length=1024)] = ""
    """Why it ended: AllTasksComplete, MaxWallClockTimeExpiry, TaskFailed, UserTerminate or the text of spec.terminateReason."""


class TaskCounts(Model):
    active: Count = 0
    """Waiting."""
    preparing: Count = 0
    """Given to a node that is being prepared."""
    running: Count = 0
    """Running."""
    succeeded: Count = 0
    """Completed with result success."""
    failed: Count = 0
    """Completed with result failure."""
    completed: Count = 0
    """succeeded and failed together."""


class JobStatus(Status):
    state: JobState | None = None
    """Azure's word for the job; for display."""
    previous_state: JobState | None = None
    """State before that one."""
    state_transition_time: Timestamp | None = None
    """When state last changed (UTC)."""
    previous_state_transition_time: Timestamp | None = None
    """When the state before that one began (UTC)."""
    disabled_by_task: Annotated[str, Field(max_length=64)] | None = None
    """Id of the task whose end disabled the job. To enable it, set desiredState to disabled and then to active."""
    satisfied: SatisfiedTasks | None = None
    """Tasks that were deleted, or run once more, after tasks that depend on them were let start; they stay so. At most 1000 ids and 1000 ranges."""
    execution_info: JobExecutionInformation | None = None
    """Start, end and why it ended."""
    task_counts: TaskCounts | None = None
    """Tasks by state."""


class Job(Resource):
    """Tasks that share a pool, a preparation and a release."""

    model_config = ConfigDict(json_schema_extra=rules(NAME_RULE, POOL))
    plural: ClassVar[str] = "batchjobs"
    short_name: ClassVar[str] = "bjob"

    kind: Literal["BatchJob"] = "BatchJob"
    spec: JobSpec
    """What the job should be."""
    status: JobStatus = JobStatus()
    """How it goes; written by the operator."""

    @property
    def id(self) -> str:
        return self.spec.id or self.metadata.name
