"""All we know about one pool and the jobs that name it, at one moment. Read-only views of the store; nothing is decided here.

One pool is one key of work: what must not happen at the same time (placing a task, ending its job) then never does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from batchyard.api.dependencies import SatisfiedTasks
from batchyard.api.job import Job
from batchyard.api.job_node import JobNode
from batchyard.api.node import Node
from batchyard.api.pool import Pool
from batchyard.core.facts import DaemonSetFacts, NodeFacts, PodFacts, TaskFacts
from batchyard.core.memory import Memory
from batchyard.core.tasks.task_pods import Run, TaskPods


@dataclass(frozen=True, slots=True)
class Rules:
    """The operator's own settings that decisions depend on; durations in seconds."""

    namespace: str
    """The operator's own, where wipe Pods run."""
    image: str
    image_pull_policy: str = "IfNotPresent"
    image_pull_secrets: tuple[str, ...] = ()
    """For it, in the operator's own namespace. Pools have theirs."""
    max_recoveries: int = 10
    image_pull_deadline: float = 300
    keep_pods_seconds: float = 300
    keep_pods_per_pool: int = 500
    wipe_priority_class: str = "system-node-critical"
    """Of wipe Pods: only what is critical is let onto a node whose disk is full. Empty for none."""


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """Tasks of a job by state, each integer of a range for itself."""

    total: int = 0
    completed: int = 0
    succeeded: int = 0
    blocked: int = 0
    """Wait for other tasks."""
    startable: int = 0
    """Those whose parents are satisfied, running or not."""
    hopeless: int = 0
    """Of those, how many wait for a task that has ended and will not let them start."""

    @property
    def failed(self) -> int:
        return self.completed - self.succeeded

    @property
    def open(self) -> int:
        return self.total - self.completed


@dataclass(frozen=True, slots=True)
class JobTasks:
    """The tasks of one job, sorted into what a pass looks at."""

    counts: TaskCounts = field(default_factory=TaskCounts)
    waiting: Mapping[int, Sequence[TaskFacts]] = field(default_factory=dict)
    """Those whose parents are satisfied and that have no Pod, in scheduling order, by the slots they need.

    A range stands in them once, where its first integer would.
    """
    attention: Sequence[TaskFacts] = ()
    """Those about which something must be said or done before they can be scheduled."""
    preparing: Mapping[str, TaskFacts] = field(default_factory=dict)
    """Those written down as preparing, by UID."""
    running: AbstractSet[Run] = frozenset()
    """The attempts written down as running that nobody has asked to end. Of ranges, none."""
    begun: AbstractSet[Run] = frozenset()
    """Other attempts that have a Pod and that nobody has asked to end."""
    dependent: Mapping[str, TaskFacts] = field(default_factory=dict)
    """Open tasks that name others in dependsOn, by UID."""
    asking: Mapping[str, TaskFacts] = field(default_factory=dict)
    """Completed tasks whose end asks something of the job, by UID."""
    naming: Mapping[str, TaskFacts] = field(default_factory=dict)
    """Open tasks whose exit conditions name an action of the job, by UID."""
    avoiding: Mapping[str, TaskFacts] = field(default_factory=dict)
    """Open tasks that had a Pod for which a node had no room, by UID."""
    remembered: SatisfiedTasks | None = None
    """What has satisfied dependents and can be seen in no task any more."""
    by_uid: Mapping[str, TaskFacts] = field(default_factory=dict)
    by_key: Mapping[str, Sequence[TaskFacts]] = field(default_factory=dict)
    """All tasks of an id in lower case, the one that counts first."""
    ranges: Mapping[str, TaskFacts] = field(default_factory=dict)
    """Those that stand for a task for each of many integers, by UID."""
    rivals: Mapping[str, TaskFacts] = field(default_factory=dict)
    """By UID of a task one that counts before it and has an id of it, if either is a range."""


@dataclass(frozen=True, slots=True)
class JobView:
    """One job with everything that belongs to it. `job` is None when only its leavings are there."""

    namespace: str
    name: str
    job: Job | None = None
    clashes_with: str = ""
    """Name of an older job whose id differs only by case."""
    tasks: JobTasks = field(default_factory=JobTasks)
    nodes: Mapping[str, JobNode] = field(default_factory=dict)
    """By name of the cluster's Node."""
    daemon_set: DaemonSetFacts | None = None
    preparation_pods: Mapping[str, PodFacts] = field(default_factory=dict)
    release_pods: Mapping[str, PodFacts] = field(default_factory=dict)
    wipe_pods: Mapping[str, PodFacts] = field(default_factory=dict)
    task_pods: TaskPods = field(default_factory=TaskPods)
    kept_pods: Sequence[PodFacts] = ()
    """Those that only their logs keep, the one that ended first in front."""
    troubles: Sequence[str] = ()
    """What the API server said when it last refused a write for this job."""
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)
    """Of the last pass; makes this one cheaper and changes nothing else."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    now: float
    rules: Rules
    namespace: str
    name: str
    """Of the pool; jobs may name one that does not exist."""
    pool: Pool | None = None
    nodes: Mapping[str, NodeFacts] = field(default_factory=dict)
    """All Nodes of the cluster."""
    members: Mapping[str, Node] = field(default_factory=dict)
    """The pool's BatchNodes by name of the cluster's Node."""
    daemon_sets: Mapping[str, DaemonSetFacts] = field(default_factory=dict)
    """The pool's own by name: one for dedicated, one for low-priority nodes."""
    pods: Mapping[str, PodFacts] = field(default_factory=dict)
    """The pool's own Pods by Node."""
    wipe_pods: Mapping[str, PodFacts] = field(default_factory=dict)
    jobs: Sequence[JobView] = ()
    namespace_ending: bool = False
    clashes_with: str = ""
    """Name of an older pool whose id differs only by case."""
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    @property
    def occupied(self) -> set[str]:
        """Nodes of the pool on which something of a job is left; a machine that is gone has taken it along."""
        records = (record for view in self.jobs for record in view.nodes.values() if not record.status.wiped)
        names = {record.spec.node_id for record in records if record.spec.pool_id == self.name}
        return names & self.nodes.keys()
