"""Which waiting task goes to which node now. Knows slots, priorities and readiness; knows no object of the cluster.

Order (Azure: jobs and tasks): higher priority first, then the older job, then its name; inside a job the older task, then its
id in natural order. A task that does not fit is passed over, so a big one can wait long beside small ones, as in Azure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from batchyard.core.facts import TaskFacts


class Readiness(Enum):
    """How far a node is for one job."""

    FRESH = auto()
    """Nothing of the job is there yet."""
    PREPARING = auto()
    """A record exists; preparation has not succeeded in this boot."""
    UNMARKED = auto()
    """Prepared, but no task has been started: that must be recorded first."""
    READY = auto()
    EXCLUDED = auto()
    """Preparation failed there, or the record is of another incarnation and is being closed."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What one job wants: its tasks that could start, in order, at most `limit` of them at once."""

    job: str
    priority: int
    created: float
    tasks: Iterable[TaskFacts]
    limit: int | None = None
    readiness: Mapping[str, Readiness] = field(default_factory=dict)

    def on(self, node: str) -> Readiness:
        return self.readiness.get(node, Readiness.FRESH)


@dataclass(frozen=True, slots=True)
class Placement:
    job: str
    task: TaskFacts
    node: str
    readiness: Readiness


def place(free: Mapping[str, int], queues: Iterable[Queue], *, pack: bool) -> list[Placement]:
    """Fill the free slots per node; never more than there are, the same answer for the same facts in any order."""
    left = dict(free)
    placements: list[Placement] = []
    for queue in sorted(queues, key=lambda q: (-q.priority, q.created, q.job)):
        for placement in _place_queue(queue, left, pack=pack):
            left[placement.node] -= placement.task.required_slots
            placements.append(placement)
    return placements


def _place_queue(queue: Queue, left: Mapping[str, int], *, pack: bool) -> Iterator[Placement]:
    owed = {node for node in left if queue.on(node) in (Readiness.PREPARING, Readiness.UNMARKED)}
    placed = 0
    for task in queue.tasks:
        if placed == queue.limit or not any(slots > 0 for slots in left.values()):
            return
        if (node := _choose(task.required_slots, queue, left, owed, pack=pack)) is not None:
            owed.discard(node)
            placed += 1
            yield Placement(queue.job, task, node, queue.on(node))


def _choose(slots: int, queue: Queue, left: Mapping[str, int], owed: set[str], *, pack: bool) -> str | None:
    """A node prepared for this job that has run none of its tasks comes first: it was prepared for one."""

    def rank(node: str) -> tuple[bool, int, bool, str]:
        return node not in owed, left[node] if pack else -left[node], queue.on(node) is Readiness.FRESH, node

    fitting = (n for n in left if left[n] >= slots and queue.on(n) is not Readiness.EXCLUDED)
    return min(fitting, key=rank, default=None)
