"""Which waiting task goes to which node now. Knows slots, priorities and readiness; knows no object of the cluster.

Order (Azure: jobs and tasks): higher priority first, then the older job, then its name; inside a job the older task, then its
id in natural order. A task that does not fit is passed over, so a big one can wait long beside small ones, as in Azure; unless
running tasks of lower priority may be displaced for it (preemption.py).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from heapq import heapify, heappop, heapreplace
from itertools import islice

from batchyard.core.facts import TaskFacts, in_order
from batchyard.core.tasks.preemption import Room
from batchyard.core.tasks.vacancies import Turn, Vacancies


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


OWED = (Readiness.PREPARING, Readiness.UNMARKED)


@dataclass(frozen=True, slots=True)
class Queue:
    """What one job wants: its tasks that could start, at most `limit` of them at once."""

    job: str
    priority: int
    created: float
    tasks: Mapping[int, Iterable[TaskFacts]]
    """By the slots they need, each line in order."""
    limit: int | None = None
    readiness: Mapping[str, Readiness] = field(default_factory=dict)
    busy: Container[str] = ()
    """Nodes on which tasks of it run."""
    displaces: bool = True
    """Others may go for its tasks: not when the API server refuses what it asks for."""
    fits: Callable[[TaskFacts], bool] = lambda _: True
    """Whether slots are all that the task lacks. Asked only before others go for it: what else it lacks is told when there is room."""

    def on(self, node: str) -> Readiness:
        return self.readiness.get(node, Readiness.FRESH)

    def may_run_on(self, node: str) -> bool:
        return self.on(node) is not Readiness.EXCLUDED


@dataclass(frozen=True, slots=True)
class Placement:
    job: str
    task: TaskFacts
    node: str
    readiness: Readiness


Line = tuple[tuple[float, str, str], int, TaskFacts, Iterator[TaskFacts]]
"""Where the first of it stands among all tasks, the slots they need, the first, the rest."""


def place(free: Mapping[str, int], queues: Iterable[Queue], *, pack: bool, room: Room | None = None) -> list[Placement]:
    """Fill the free slots per node; never more than there are, the same answer for the same facts in any order.

    What a task claims of `room` is kept for it, so that nobody behind it fills a place that is being made free.
    """
    left = {node: slots for node, slots in free.items() if slots > 0}
    room = room or Room({}, ())
    placements: list[Placement] = []
    for queue in sorted(queues, key=lambda q: (-q.priority, q.created, q.job)):
        if queue.limit != 0 and (left or room):
            decided = islice(_place_queue(queue, left, room, pack=pack), queue.limit)
            placements += (each for each in decided if each is not None)
    return placements


def _place_queue(queue: Queue, left: dict[str, int], room: Room, *, pack: bool) -> Iterator[Placement | None]:
    """Takes from `left` what it places or, for None, keeps. A need that nothing can meet is not looked at again, however long its line."""
    lines = [(in_order(task), slots, task, rest) for slots, rest in _begun(queue.tasks) for task in islice(rest, 1)]
    if not lines:
        return
    heapify(lines)
    vacancies = _vacancies(queue, left, pack=pack)
    while lines:
        _, slots, task, rest = lines[0]
        if (node := vacancies.best(slots, task.affinity, task.avoids)) is not None:
            _take(vacancies, left, node, slots)
            yield Placement(queue.job, task, node, queue.on(node))
        elif not task.avoids and (not room or queue.fits(task)):  # else slots are not all that it lacks
            claim = room.claim(slots, queue.job, queue.priority, left, queue.may_run_on) if queue.displaces else None
            if claim is None:
                heappop(lines)
                continue
            _take(vacancies, left, *claim)
            yield None
        _advance(lines, rest, slots)


def _take(vacancies: Vacancies, left: dict[str, int], node: str, slots: int) -> None:
    if slots == 0:
        return
    if (now_left := vacancies.take(node, slots)) > 0:
        left[node] = now_left
    else:
        del left[node]


def _advance(lines: list[Line], rest: Iterator[TaskFacts], slots: int) -> None:
    if (following := next(rest, None)) is None:
        heappop(lines)
    else:
        heapreplace(lines, (in_order(following), slots, following, rest))


def _begun(lines: Mapping[int, Iterable[TaskFacts]]) -> Iterator[tuple[int, Iterator[TaskFacts]]]:
    return ((slots, iter(line)) for slots, line in lines.items())


def _vacancies(queue: Queue, left: Mapping[str, int], *, pack: bool) -> Vacancies:
    open_ = ((node, slots) for node, slots in left.items() if queue.may_run_on(node))
    return Vacancies(open_, _turns(queue), lambda node: queue.on(node) is Readiness.FRESH, pack=pack)


def _turns(queue: Queue) -> dict[str, Turn]:
    """A node prepared for this job that has run none of its tasks comes first: it was prepared for one.

    But before it one that is marked and idle: if its task went elsewhere, it would be released though nothing ran there (3.8.2).
    """
    owed = {node: Turn.OWED for node, how_far in queue.readiness.items() if how_far in OWED}
    if not owed:
        return owed
    ready = (node for node, how_far in queue.readiness.items() if how_far is Readiness.READY)
    return owed | {node: Turn.MARKED for node in ready if node not in queue.busy}
