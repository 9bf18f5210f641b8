"""Who goes first in a pool: what the operator's order (docs/azure-batch.md) makes of the jobs and tasks that wait for slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from batchyard.cli.show import ranges
from batchyard.cli.show.objects import Object, at, condition, name, plural, waits_for
from batchyard.cli.show.tasks import state

FOR_SLOTS = ("PoolResizing", "PoolAtMaximum", "WaitingForSlot", "LowerPriority", "PendingEvaluation")
"""Reasons of jobs whose tasks stand in the queue; with any other they wait for something else, and nobody waits for them."""


@dataclass(frozen=True, slots=True)
class Place:
    job: int
    of: int
    before: int
    """Tasks that go first, of this job and of others."""

    @property
    def text(self) -> str:
        return f"job {self.job} of {self.of} that wait for slots of the pool, {plural(self.before, 'task')} before it"


def place(job: Object, jobs: Sequence[Object], ahead: int = 0) -> Place | None:
    """None unless it waits for slots. `jobs`: those of its pool. `ahead`: tasks of its own that go before the one meant."""
    if not _queues(job):
        return None
    line = sorted((each for each in jobs if _queues(each)), key=order)
    first = sum(order(each) < order(job) for each in line)
    return Place(first + 1, len(line), ahead + sum(_waiting(each) for each in line[:first]))


def tasks_ahead(task: Object, job: Object, tasks: Sequence[Object], number: int | None = None) -> int:
    """Of its own job; `tasks` are all of it in their order, `number` is the one meant of a range."""
    before = 0
    for each in tasks:
        if name(each) == name(task):
            break
        if state(each) != "completed" and not condition(each, "Admitted", "False"):
            before += ranges.left(each)
    if number is not None:
        before += ranges.left_before(task, number)
    return min(before, max(0, _waiting(job) - 1))


def _queues(job: Object) -> bool:
    return at(job, "status.state") == "active" and waits_for(job) in FOR_SLOTS and _waiting(job) > 0


def order(job: Object) -> tuple[int, str, str]:
    """The higher priority first, then the older."""
    return -int(at(job, "spec.priority", 0)), at(job, "metadata.creationTimestamp"), name(job)


def _waiting(job: Object) -> int:
    return int(at(job, "status.taskCounts.active", 0))
