"""A range task as the tasks that it stands for, made when somebody asks for one. What is written about them is in range_status.py."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from heapq import heappop, heappush, heapreplace
from operator import itemgetter

from batchyard.api.model import LARGEST
from batchyard.core.facts import TaskFacts, Unit, in_order
from batchyard.core.indexes import NEW
from batchyard.core.natural import natural
from batchyard.core.tasks.histories import crowded

Line = tuple[tuple[float, str, str], TaskFacts, Iterator[TaskFacts]]
"""Where the first of it stands, the first, the rest."""


def member(task: TaskFacts, number: int) -> TaskFacts:
    """The task of one integer of a range. It has the state of the whole, for nobody writes down its own."""
    assert task.indexes is not None  # noqa: S101 - callers look first
    history = task.indexes.history(number)
    return replace(
        task,
        id=str(number),
        order=(task.order[0], natural(str(number))),
        index=number,
        attempt=history.attempt,
        retry_count=history.retry_count,
        requeue_count=history.requeue_count,
        recovery_count=history.recovery_count,
        pending_failure=history.pending_failure,
        wants_end=task.wants_end or shall_end(task, number),
        state="active" if history.pending_failure else task.state,
    )


def shall_end(task: TaskFacts, number: int) -> bool:
    """Its user has named it."""
    place = bisect_right(task.ends, number, key=itemgetter(0)) - 1
    return place >= 0 and number <= task.ends[place][1]


def integer(text: str) -> int | None:
    """The integer that stands in an id or in a Pod's label, if it is one of a range: not larger, and without leading zeros."""
    plain = text.isascii() and text.isdigit() and (text == "0" or not text.startswith("0"))
    return int(text) if plain and int(text) <= LARGEST else None


def holds(task: TaskFacts, task_id: str) -> bool:
    """Whether it is a range with a task of this id."""
    number = integer(task_id)
    return task.indexes is not None and number is not None and task.indexes.start <= number <= task.indexes.end


def one_by_one(entries: Iterable[TaskFacts], taken: AbstractSet[Unit]) -> Iterator[TaskFacts]:
    """Tasks in scheduling order, each range taken apart; `entries` stand in the order of their first. Looks at no more than are asked for."""
    begun: list[Line] = []
    for entry in entries:
        while begun and begun[0][0] < in_order(entry):
            yield _advance(begun)
        if entry.indexes is not None:
            _begin(begun, _members(entry, taken))
        elif entry.unit not in taken:
            _begin(begun, iter((entry,)))
    while begun:
        yield _advance(begun)


def _begin(begun: list[Line], line: Iterator[TaskFacts]) -> None:
    if (first := next(line, None)) is not None:
        heappush(begun, (in_order(first), first, line))


def _advance(begun: list[Line]) -> TaskFacts:
    _, first, rest = begun[0]
    if (following := next(rest, None)) is None:
        heappop(begun)
    else:
        heapreplace(begun, (in_order(following), following, rest))
    return first


def _members(task: TaskFacts, taken: AbstractSet[Unit]) -> Iterator[TaskFacts]:
    assert task.indexes is not None  # noqa: S101 - the caller looks
    narrow = crowded(task.indexes)
    for number in task.indexes.open:
        waits = narrow and task.indexes.history(number) != NEW
        if not (waits or shall_end(task, number)) and (task.ref.uid, str(number)) not in taken:
            yield member(task, number)
