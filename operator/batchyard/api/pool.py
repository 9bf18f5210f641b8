"""BatchPool: which cluster Nodes serve, how many, with how many slots, and what runs on each first."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from .command import CommandLine, ContainerSettings, EnvironmentSettings, UserIdentity
from .duration import Duration, at_least
from .execution import Code
from .meta import DisplayName, LocalObjectReference, Metadata, Resource, Status, Timestamp
from .model import LARGEST, Count, Message, Model, QualifiedIdentifier, RetryCount, immutable, keyed_by, rule, rules
from .states import (
    AllocationState,
    ElevationLevel,
    JobDefaultOrder,
    NodeDeallocationOption,
    NodeFillType,
    NodeState,
    PoolState,
)

LabelKey = Annotated[str, Field(min_length=1, max_length=317)]
LabelValue = Annotated[str, Field(max_length=63)]
NodeSelector = Annotated[dict[LabelKey, LabelValue], Field(max_length=32)]
TargetNodes = Annotated[int, Field(ge=0, le=5000)]

NAME_RULE = rule(
    "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",
    "must be at most 63 characters: lower-case letters, digits and '-', no '.'; another Azure id goes into spec.id",
    ".metadata.name",
)


class Toleration(Model):
    key: Annotated[str, Field(max_length=317)] = ""
    """Key of the taint; empty with operator Exists matches every taint."""
    operator: Literal["Exists", "Equal"] = "Equal"
    """Equal (default) compares the value too; Exists looks at the key only."""
    value: Annotated[str, Field(max_length=63)] = ""
    """Value of the taint, with operator Equal."""
    effect: Literal["", "NoSchedule", "PreferNoSchedule", "NoExecute"] = ""
    """Effect of the taint; empty matches every effect."""
    toleration_seconds: Count | None = None
    """How many seconds a NoExecute taint is tolerated. Unset: for ever."""


class TaskSchedulingPolicy(Model):
    node_fill_type: NodeFillType = NodeFillType.SPREAD
    """spread (default): tasks go to the node with most free slots. pack: one node's slots are filled before the next."""
    job_default_order: JobDefaultOrder = JobDefaultOrder.NONE
    """Order of jobs with the same priority: creationtime for the older one first. none (default) promises no order; the older one goes first then too."""


class StartTask(Model):
    command_line: CommandLine
    """Command run on each node when it joins and after every reboot; must be idempotent. No shell is run unless named. At most 32768 characters."""
    container_settings: ContainerSettings | None = None
    """Image it runs in. Unset: the pool's containerSettings."""
    environment_settings: EnvironmentSettings = ()
    """Its environment variables, at most 100."""
    user_identity: UserIdentity = UserIdentity()
    """The user it runs as. Unset: a non-admin user shared by the pool."""
    max_task_retry_count: RetryCount = 0
    """How often it is run again after a non-zero exit code, on the same node. Default 0; -1 without limit."""
    wait_for_success: bool = True
    """Whether tasks wait for its success. Default true: a node where it finally failed takes no tasks."""


# 0 is taken by no API server any more, but a pool that was written when it was must stay readable (core/jobs/misfits.py).
OwnId = Annotated[int, Field(ge=0, le=LARGEST, json_schema_extra={"minimum": 1})]


class LinuxUserConfiguration(Model):
    uid: OwnId
    """User id, at least 1: root is elevationLevel admin."""
    gid: OwnId
    """Group id, at least 1. The user is in group 1000, the pool's, as well."""


class UserAccount(Model):
    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                "!(has(self.linuxUserConfiguration) && has(self.elevationLevel) && self.elevationLevel == 'admin')",
                "elevationLevel admin is root in the container, uid 0; leave one of them out",
                ".linuxUserConfiguration",
            )
        )
    )

    name: Annotated[str, Field(min_length=1, max_length=20)]
    """Name by which a task's userIdentity.userName refers to it; at most 20 characters."""
    elevation_level: ElevationLevel = ElevationLevel.NON_ADMIN
    """nonadmin (default) or admin."""
    linux_user_configuration: LinuxUserConfiguration | None = None
    """Its user and group id in containers. Unset: uid and gid 1000, as all non-admin tasks of the pool. A change needs a reimage of nodes where it ran."""


class PoolSpec(Model):
    model_config = ConfigDict(json_schema_extra=rules(immutable("id", "create a new pool")))

    id: QualifiedIdentifier | None = None
    """Azure's id where it is no object name: letters, digits, `-`, `_` and `:`, at most 64. Default: the object's name. Unique in the namespace without regard to case; told to tasks as AZ_BATCH_POOL_ID."""
    display_name: DisplayName = ""
    """A name for people, at most 1024 characters."""
    node_selector: NodeSelector = Field(default_factory=dict)
    """Labels of the cluster Nodes that may serve. Empty: every Node."""
    low_priority_node_selector: NodeSelector = Field(default_factory=dict)
    """Labels of the cluster Nodes that may serve as low-priority (spot) nodes; a Node that matches both selectors is low-priority. Empty: no Node."""
    tolerations: Annotated[tuple[Toleration, ...], Field(max_length=32)] = ()
    """Taints the pool's nodes may carry; a Node with a taint that none of them covers is not taken."""
    target_dedicated_nodes: TargetNodes = 0
    """How many Nodes serve, 0 to 5000. Default 0. A target: if fewer Nodes match, status.resizeErrors says so, and the pool takes more as they appear."""
    target_low_priority_nodes: TargetNodes = 0
    """How many Nodes of lowPriorityNodeSelector serve, 0 to 5000. Default 0."""
    node_deallocation_option: NodeDeallocationOption = NodeDeallocationOption.REQUEUE
    """What happens to running tasks on nodes that leave: requeue (default), terminate or taskcompletion, which waits for them. Read anew while a node leaves. Azure's deprecated retaineddata is refused; use taskcompletion."""
    resize_timeout: Annotated[Duration, Field(json_schema_extra=at_least("PT5M"))] = "PT15M"
    """How long a resize may take before status.resizeErrors says what is missing, at least PT5M. Default PT15M. The pool goes on trying."""
    task_slots_per_node: Annotated[int, Field(ge=1, le=256)] = 1
    """How many task slots each node has, 1 to 256. Default 1."""
    task_scheduling_policy: TaskSchedulingPolicy = TaskSchedulingPolicy()
    """How tasks are distributed over nodes."""
    container_settings: ContainerSettings | None = None
    """Image of all tasks that name none themselves."""
    image_pull_secrets: Annotated[
        tuple[LocalObjectReference, ...], Field(max_length=16, json_schema_extra=keyed_by("name"))
    ] = ()
    """Secrets of the namespace with registry credentials, used by the kubelet; at most 16."""
    start_task: StartTask | None = None
    """Command run on each node before it takes tasks. A change reaches nodes that join later, and others when spec.reboots of their BatchNode is raised."""
    max_elevation_level: ElevationLevel = ElevationLevel.NON_ADMIN
    """Highest elevationLevel that tasks in this pool may ask for. Default nonadmin; admin lets them be root in their container."""
    user_accounts: Annotated[tuple[UserAccount, ...], Field(max_length=32, json_schema_extra=keyed_by("name"))] = ()
    """Users that tasks can name in userIdentity.userName."""
    lost_after: Duration | None = None
    """After how long a silent node's tasks are started elsewhere although the old run may still be alive. Unset: they wait for proof: the node answers, is deleted, or has the taint node.kubernetes.io/out-of-service."""
    metadata: Metadata = ()
    """Names and values of your own; Batchyard does not read them."""


class ResizeError(Model):
    code: Code
    """Azure's code: AllocationTimedout."""
    message: Message = ""
    """What happened, with numbers and the next step."""


class PoolStatus(Status):
    state: PoolState | None = None
    """active or deleting; for display."""
    state_transition_time: Timestamp | None = None
    """When state last changed (UTC)."""
    allocation_state: AllocationState | None = None
    """steady or resizing. There is no stopping: set the targets back, and nodes that have not begun to leave stay."""
    allocation_state_transition_time: Timestamp | None = None
    """When allocationState last changed (UTC)."""
    current_dedicated_nodes: Count = 0
    """How many dedicated Nodes the pool has now, whatever their state."""
    current_low_priority_nodes: Count = 0
    """How many low-priority Nodes the pool has now, whatever their state."""
    node_counts: Annotated[dict[NodeState, Count], Field(max_length=16)] = Field(default_factory=dict)
    """How many nodes are in each state."""
    resize_errors: Annotated[tuple[ResizeError, ...], Field(max_length=16)] = ()
    """Why the targets are not reached after resizeTimeout; gone when they are, or when they change."""


class Pool(Resource):
    """A set of cluster Nodes that runs the tasks of jobs."""

    model_config = ConfigDict(json_schema_extra=rules(NAME_RULE))
    plural: ClassVar[str] = "batchpools"
    short_name: ClassVar[str] = "bpool"

    kind: Literal["BatchPool"] = "BatchPool"
    spec: PoolSpec
    """What the pool should be."""
    status: PoolStatus = PoolStatus()
    """What the pool is; written by the operator."""

    @property
    def id(self) -> str:
        return self.spec.id or self.metadata.name
