"""When what waits for slots may start, from how long ended tasks took. An estimate on plain values; the operator decides nothing by it."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence

from batchyard.cli.show.objects import Object, at, plural
from batchyard.cli.show.pools import serving
from batchyard.cli.show.times import moment, span

STEADY = ("PoolAtMaximum", "WaitingForSlot", "LowerPriority")
"""Reasons with which only the end of other tasks is waited for. While nodes are still to come nobody knows how many slots there will be."""
FEW = 5


def text(took: Sequence[float], lanes: int, before: int, waiting: int = 1, *, others: bool = False) -> str:
    """`took`: seconds of each ended task. `before`: tasks that go first. `waiting`: how many are meant. `others`: other jobs' tasks run or go first.

    Empty without an estimate.
    """
    first = seconds(took, lanes, before)
    if first is None:
        return ""
    last = seconds(took, lanes, before + waiting - 1) if waiting > 1 else None
    until = "" if last is None else f", the last task in {_about(last)}"
    return f"in {_about(first)}{until}, from {plural(len(took), 'ended task')}{_doubt(took, others=others)}"


def seconds(took: Sequence[float], lanes: int, before: int) -> float | None:
    """All lanes are busy, and one of them is free every (mean / lanes) seconds. None where nothing has ended or nothing runs."""
    if not took or lanes <= 0:
        return None
    return statistics.fmean(took) * (before + 1) / lanes


def _about(length: float) -> str:
    return "a moment" if length < 1 else f"about {span(length)}"


def _doubt(took: Sequence[float], *, others: bool) -> str:
    """A plain word, no figure: the next tasks may be of another kind altogether."""
    if len(took) < FEW:
        return " (rough: so few)"
    if statistics.pstdev(took) > statistics.fmean(took):
        return f" (rough: they took {span(min(took))} to {span(max(took))})"
    return " (rough: takes tasks of other jobs to be like its own)" if others else ""


def lengths(tasks: Iterable[Object]) -> Iterator[float]:
    """Of those that have ended, however they did. A range tells no times."""
    for each in tasks:
        start, end = (moment(at(each, f"status.executionInfo.{word}Time")) for word in ("start", "end"))
        if start is not None and end is not None and at(each, "status.state") == "completed":
            yield max(0.0, (end - start).total_seconds())


def lanes(pool: Object, job: Object, required_slots: int) -> int:
    """How many tasks of that size the nodes run at once that serve now, and the job lets run."""
    found = serving(pool) * (int(at(pool, "spec.taskSlotsPerNode", 1)) // max(1, required_slots))
    most = int(at(job, "spec.maxParallelTasks", -1))
    return min(found, most) if most > 0 else found
