"""What we know of the cluster's own objects and of tasks, as slim frozen records. Made in kube/observe, judged elsewhere.

Times are epoch seconds in UTC, None where the cluster has not said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from batchyard.api.names import FINALIZER, LABEL_ATTEMPT, LABEL_INDEX, LABEL_TASK_UID
from batchyard.api.states import JobAction
from batchyard.core.actions import Ref
from batchyard.core.indexes import Indexes
from batchyard.core.intervals import Run

Unit = tuple[str, str]
"""UID of a BatchTask and, if it is a range, the integer that is meant: what has at most one Pod at a time."""


@dataclass(frozen=True, slots=True)
class Terminated:
    exit_code: int
    reason: str
    message: str
    started: float | None
    finished: float | None


@dataclass(frozen=True, slots=True)
class ContainerFacts:
    """One container of a Pod; `id` names one run of it, so a new run has a new id."""

    id: str = ""
    running_since: float | None = None
    terminated: Terminated | None = None
    previous: Terminated | None = None
    previous_id: str = ""
    waiting_reason: str = ""
    waiting_message: str = ""

    @property
    def last_end(self) -> Terminated | None:
        return self.terminated or self.previous

    @property
    def last_end_id(self) -> str:
        return self.id if self.terminated else self.previous_id


NOT_STARTED = ContainerFacts()


@dataclass(frozen=True, slots=True)
class PodFacts:
    ref: Ref
    component: str
    owner_uid: str
    node: str
    """The node that the Pod's affinity names; `bound` tells whether the cluster's scheduler has agreed."""
    created: float
    labels: Mapping[str, str] = field(default_factory=dict)
    bound: bool = False
    phase: str = "Pending"
    ready: bool = False
    deleting_since: float | None = None
    finalizers: tuple[str, ...] = ()
    containers: Mapping[str, ContainerFacts] = field(default_factory=dict)
    reason: str = ""
    message: str = ""
    unplaceable: str = ""
    """What the cluster's scheduler says while no node can take it."""
    disrupted: bool = False
    unit: Unit = field(init=False)
    """What it is an attempt of, if it is a task's."""

    def __post_init__(self) -> None:
        unit = self.labels.get(LABEL_TASK_UID, ""), self.labels.get(LABEL_INDEX, "")
        object.__setattr__(self, "unit", unit)

    @property
    def attempt(self) -> str:
        return self.labels.get(LABEL_ATTEMPT, "")

    @property
    def ended(self) -> bool:
        """No process of it runs or will run: it ended, or it is being deleted and was never given to a node."""
        return self.phase in ("Succeeded", "Failed") or (self.deleting_since is not None and not self.bound)

    @property
    def finished(self) -> float:
        """When its last process ended, as far as its node has said."""
        ends = (c.terminated.finished for c in self.containers.values() if c.terminated is not None)
        return max((end for end in ends if end is not None), default=self.created)

    @property
    def kept(self) -> bool:
        """Only its log is of use: what came of it is durable, else our finalizer would still be on."""
        return (
            self.phase in ("Succeeded", "Failed") and self.deleting_since is None and FINALIZER not in self.finalizers
        )

    def container(self, name: str) -> ContainerFacts:
        return self.containers.get(name, NOT_STARTED)


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """A Node of the cluster. `boot_id` changes with every boot of the machine, `uid` when it registers anew.

    `boot_seen` is when we first saw this boot, `silent_since` when the cluster last heard of a Node that is not ready.
    """

    name: str
    uid: str
    boot_id: str
    ready: bool
    schedulable: bool
    labels: Mapping[str, str] = field(default_factory=dict)
    deleting: bool = False
    boot_seen: float = 0
    silent_since: float | None = None
    fenced: bool = False
    """Somebody vouches for it that the machine is off (the taint node.kubernetes.io/out-of-service)."""
    disk_full: bool = False
    taints: tuple[tuple[str, str, str], ...] = ()
    """Key, value and effect of those that keep Pods away and are somebody's word, not the cluster's own."""
    address: str = ""


@dataclass(frozen=True, slots=True)
class DaemonSetFacts:
    ref: Ref
    owner_uid: str
    spec_hash: str
    pool: str = ""
    job: str = ""
    deleting: bool = False
    nodes: frozenset[str] = frozenset()
    """The Nodes that it lists."""


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A BatchTask, as little of it as planning needs; `spec` is its JSON, read only when its Pod is built."""

    ref: Ref
    job: str
    job_uid: str
    """UID of the job that owns it; empty for a task that its user has made without an owner reference."""
    id: str
    order: tuple[float, str]
    spec: bytes
    required_slots: int = 1
    max_retries: int | None = None
    depends_on: tuple[str, ...] = ()
    depends_on_ranges: tuple[tuple[int, int], ...] = ()
    avoids: str = ""
    """The node that had no room for its Pod, and when that was given up (`avoids_since`)."""
    avoids_since: float = 0
    affinity: str = ""
    """The node that it prefers."""
    asks: str = ""
    """What its container asks of the machine, as JSON; empty for nothing."""
    state: str = "active"
    attempt: int = 0
    retry_count: int = 0
    requeue_count: int = 0
    recovery_count: int = 0
    node: str = ""
    succeeded: bool = False
    satisfies: bool = False
    """It is completed, and tasks that depend on it may start."""
    asks_of_job: JobAction = JobAction.NONE
    """What its end asks of its job and has not been given yet."""
    names_job_action: bool = False
    """Its exit conditions name an action of the job."""
    reactivations_asked: int = 0
    """spec.reactivations, if that is more than has been answered."""
    pending_failure: str = ""
    """Failure code written before the Pod of an attempt that cannot start is taken away."""
    refused: str = ""
    """Why it never runs: the reason of its condition Admitted=False."""
    unsupported: tuple[str, ...] = ()
    wants_end: bool = False
    ends: Sequence[Run] = ()
    """Of a range: those integers of which its user wants the end, in order."""
    once_more: Sequence[Run] | None = None
    """Of a range: which of those that have failed spec.reactivations is about; None for all."""
    deleting: bool = False
    generation: int = 0
    observed_generation: int = -1
    conditions: tuple[Mapping[str, object], ...] = ()
    indexes: Indexes | None = None
    """Of a range: what has become of each integer. Its state is then that of the whole, and its counters are in here."""
    index: int | None = None
    """The integer, if this is one task of a range (core/tasks/ranges.py)."""

    @property
    def key(self) -> str:
        """Ids are unique without regard to case (Azure: identifiers). A range has many; it goes by a key that is no id."""
        return self.id.lower()

    @property
    def unit(self) -> Unit:
        return self.ref.uid, "" if self.index is None else str(self.index)

    @property
    def open(self) -> int:
        """How many tasks it stands for that have not ended."""
        if self.indexes is not None:
            return len(self.indexes.open)
        return int(self.state != "completed")


def in_order(task: TaskFacts) -> tuple[float, str, str]:
    """Inside a job the older task goes first, then its id in natural order."""
    return *task.order, task.ref.uid
