"""Why a job waits: one reason, the most important first, a sentence with numbers and the next step. Says it, decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Why:
    """A reason of the condition Admitted=False, and what a person can do about it."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Seats:
    """The pool's nodes as one job sees them."""

    nodes: int
    serving: int
    slots_per_node: int
    free_slots: int
    starting: int = 0
    start_task_failed: int = 0
    unready: int = 0
    preparing: int = 0
    excluded: int = 0


@dataclass(frozen=True, slots=True)
class Demand:
    """What is still waiting in one job."""

    waiting: int
    blocked: int
    """Of those, how many wait for other tasks."""
    largest: int
    """Slots that the biggest waiting task needs."""
    at_limit: int = 0
    """maxParallelTasks, when that is what holds the rest back."""


def why(pool: str, target: int, seats: Seats, demand: Demand, *, images: Sequence[str], troubles: Sequence[str]) -> Why:
    """The first of the ordered list that applies (`Misconfigured` is found before a pool is looked at)."""
    tasks = f"{demand.waiting} task{'' if demand.waiting == 1 else 's'} waiting"
    if demand.largest > seats.slots_per_node:
        return Why(
            "ExceedsPool",
            f"a task requires {demand.largest} slots; each node of pool {pool!r} has {seats.slots_per_node}; lower requiredSlots or raise the pool's taskSlotsPerNode",
        )
    if troubles:
        return Why(
            "NotPermitted",
            f"the API server refused a write for this job: {troubles[0]}; {tasks}; grant what it asks for, it is tried again by itself",
        )
    if demand.waiting and demand.blocked == demand.waiting:
        return Why("WaitingForDependency", f"{tasks}, all for tasks named in dependsOn that have not succeeded")
    if seats.excluded and seats.excluded == seats.serving:
        return Why(
            "PreparationFailing",
            f"preparation failed on {seats.excluded} of {seats.serving} serving nodes; {tasks}; see `kubectl get bjnode`, correct jobPreparationTask in a new job, or add nodes to pool {pool!r}",
        )
    if images:
        return Why("ImagePulling", f"{images[0]}; {tasks}; correct the image's name or the pool's imagePullSecrets")
    if seats.serving == 0:
        return Why("PoolResizing", _no_node(pool, target, seats, tasks))
    if demand.at_limit:
        return Why("WaitingForSlot", f"{tasks}; maxParallelTasks={demand.at_limit} are running; raise it or wait")
    slots = f"{seats.free_slots} of {seats.serving * seats.slots_per_node} slots free on {seats.serving} serving nodes of {target}"
    return Why(
        "WaitingForSlot",
        f"{tasks}; {slots} ({seats.preparing} preparing, {seats.excluded} failed to prepare); raise targetDedicatedNodes of pool {pool!r} or wait",
    )


def _no_node(pool: str, target: int, seats: Seats, tasks: str) -> str:
    if target == 0:
        return f"pool {pool!r} has targetDedicatedNodes=0; {tasks}; raise it"
    if seats.nodes == 0:
        return f"no Node of the cluster is ready and matches the nodeSelector of pool {pool!r}, which wants {target}; {tasks}; label Nodes or correct the selector"
    return (
        f"0 of {seats.nodes} nodes of pool {pool!r} serve ({seats.starting} starting, {seats.start_task_failed} start task failed, "
        f"{seats.unready} not ready or cordoned); {tasks}; see `kubectl get bnode`"
    )
