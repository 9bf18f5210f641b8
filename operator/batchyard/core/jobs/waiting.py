"""Why a job waits: one reason, the most important first, a sentence with numbers and the next step. Says it, decides nothing.

Before these come Suspended (the job's own state) and Misconfigured (found before a pool is looked at).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Why:
    """A reason of the condition Admitted=False, and what a person can do about it."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Seats:
    """The pool's nodes as one job sees them, after what this very pass starts."""

    pool: str
    target: int
    nodes: int
    serving: int
    slots_per_node: int
    fitting: int
    """Nodes with room for the smallest waiting task where the job's tasks may run."""
    starting: int = 0
    start_task_failed: int = 0
    unready: int = 0
    preparing: int = 0
    excluded: int = 0

    @property
    def numbers(self) -> str:
        return (
            f"{self.starting} starting, {self.preparing} preparing, {self.excluded} failed to prepare, "
            f"{self.start_task_failed} start task failed, {self.unready} not ready or cordoned"
        )


@dataclass(frozen=True, slots=True)
class Demand:
    """What is still waiting in one job."""

    waiting: int
    blocked: int = 0
    """Of those, how many wait for other tasks."""
    hopeless: int = 0
    """Of those again, how many wait for a task that has ended and will not let them start."""
    smallest: int = 1
    largest: int = 1
    """Slots that the waiting tasks need."""
    at_limit: int = 0
    """maxParallelTasks, when that is what holds the rest back."""
    outranked_by: int = 0
    """Tasks of jobs with higher priority that wait as well."""
    images: Sequence[str] = ()
    """What kubelets say that cannot get or make a container."""
    unplaceable: Sequence[str] = ()
    """What the cluster's scheduler says about Pods that fit nowhere."""
    troubles: Sequence[str] = ()
    """What the API server refused."""

    @property
    def tasks(self) -> str:
        return count(self.waiting, "task") + " waiting"


def why(seats: Seats, demand: Demand) -> Why:
    """The first that applies."""
    for reason, says in REASONS:
        if message := says(seats, demand):
            return Why(reason, message)
    return Why("PendingEvaluation", f"{demand.tasks}; {count(seats.fitting, 'node')} of pool {seats.pool!r} with room; nothing to do, they are placed next")  # fmt: skip


def count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _exceeds_pool(seats: Seats, demand: Demand) -> str:
    if demand.largest <= seats.slots_per_node:
        return ""
    return f"a task requires {demand.largest} slots; each node of pool {seats.pool!r} has {seats.slots_per_node}; lower requiredSlots or raise the pool's taskSlotsPerNode"


def _not_permitted(_: Seats, demand: Demand) -> str:
    if not demand.troubles:
        return ""
    return f"the API server refused a write for this job: {demand.troubles[0]}; {demand.tasks}; grant what it asks for, it is tried again by itself"


def _dependency_failed(_: Seats, demand: Demand) -> str:
    if not demand.hopeless:
        return ""
    return f"{demand.hopeless} of {demand.tasks} for a task that has failed and does not satisfy them; they never start by themselves; reactivate that task (raise its spec.reactivations) or terminate those that wait"


def _waiting_for_dependency(_: Seats, demand: Demand) -> str:
    if not demand.waiting or demand.blocked < demand.waiting:
        return ""
    return f"{demand.tasks}, all for tasks named in dependsOn that have not succeeded; wait, or add the tasks that are missing"


def _preparation_failing(seats: Seats, demand: Demand) -> str:
    if not seats.excluded or seats.excluded < seats.serving:
        return ""
    return f"preparation failed on {seats.excluded} of {seats.serving} serving nodes; {demand.tasks}; see `kubectl get bjnode`, correct jobPreparationTask in a new job, or add nodes to pool {seats.pool!r}"


def _image_pulling(_: Seats, demand: Demand) -> str:
    """Higher than in Azure's spirit of waiting: a wrong name does not resolve itself."""
    if not demand.images:
        return ""
    return f"{demand.images[0]}; {demand.tasks}; correct the image's name or the pool's imagePullSecrets"


def _unschedulable(_: Seats, demand: Demand) -> str:
    if not demand.unplaceable:
        return ""
    return f"{count(len(demand.unplaceable), 'Pod')} cannot be placed by the cluster: {demand.unplaceable[0]}; {demand.tasks}; lower the tasks' resources.requests or free the nodes"


def _pool_resizing(seats: Seats, demand: Demand) -> str:
    if not demand.waiting or seats.fitting:
        return ""
    pool, tasks = f"pool {seats.pool!r}", demand.tasks
    if seats.target == 0:
        return f"{pool} has targetDedicatedNodes=0; {tasks}; raise it"
    if seats.nodes == 0:
        return f"no Node of the cluster is ready and matches the nodeSelector of {pool}, which wants {seats.target}; {tasks}; label Nodes or correct the selector"
    if seats.serving and not seats.starting:
        return ""
    return f"{seats.serving} of {seats.target} nodes of {pool} serve ({seats.numbers}); {tasks}; wait, or see `kubectl get bnode`"


def _pool_at_maximum(seats: Seats, demand: Demand) -> str:
    if not demand.waiting or seats.fitting or demand.at_limit or demand.outranked_by or seats.preparing:
        return ""
    return f"{_needs(seats, demand)}; pool {seats.pool!r} is at its target of {count(seats.target, 'node')}; raise targetDedicatedNodes or wait"


def _waiting_for_slot(seats: Seats, demand: Demand) -> str:
    if demand.waiting and demand.at_limit:
        return f"{demand.tasks}; maxParallelTasks={demand.at_limit} are running; raise it or wait"
    if not demand.waiting or seats.fitting or demand.outranked_by:
        return ""
    return f"{_needs(seats, demand)}; wait, or raise targetDedicatedNodes of pool {seats.pool!r}"


def _lower_priority(seats: Seats, demand: Demand) -> str:
    if not demand.waiting or seats.fitting or not demand.outranked_by:
        return ""
    return f"{_needs(seats, demand)}; {count(demand.outranked_by, 'task')} of jobs with higher priority go first; raise this job's priority or wait"


def _needs(seats: Seats, demand: Demand) -> str:
    return f"{demand.tasks}; each needs {count(demand.smallest, 'slot')} or more; 0 of {seats.serving} serving nodes have room ({seats.numbers})"


REASONS: tuple[tuple[str, Callable[[Seats, Demand], str]], ...] = (
    ("ExceedsPool", _exceeds_pool),
    ("NotPermitted", _not_permitted),
    ("DependencyFailed", _dependency_failed),
    ("WaitingForDependency", _waiting_for_dependency),
    ("PreparationFailing", _preparation_failing),
    ("ImagePulling", _image_pulling),
    ("Unschedulable", _unschedulable),
    ("PoolResizing", _pool_resizing),
    ("PoolAtMaximum", _pool_at_maximum),
    ("WaitingForSlot", _waiting_for_slot),
    ("LowerPriority", _lower_priority),
)
"""In the order in which they are told. Each is empty where it does not apply."""
