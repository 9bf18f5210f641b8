"""Tasks that may start and have no Pod, in order, one line for each number of slots they need. Holds, decides nothing."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence

from batchyard.core.facts import TaskFacts, in_order


class Lines:
    def __init__(self) -> None:
        self._lines: dict[int, list[TaskFacts]] = {}

    @property
    def by_slots(self) -> Mapping[int, Sequence[TaskFacts]]:
        return self._lines

    def move(self, old: TaskFacts | None, new: TaskFacts | None) -> None:
        """Most changes leave a task its place, and in a long line leaving and joining is what costs."""
        if old is not None and new is not None and _place(old) == _place(new):
            line = self._lines[new.required_slots]
            line[bisect_left(line, in_order(new), key=in_order)] = new
            return
        if old is not None:
            self._leave(old)
        if new is not None:
            insort(self._lines.setdefault(new.required_slots, []), new, key=in_order)

    def _leave(self, task: TaskFacts) -> None:
        line = self._lines[task.required_slots]
        del line[bisect_left(line, in_order(task), key=in_order)]
        if not line:
            del self._lines[task.required_slots]


def _place(task: TaskFacts) -> tuple[int, tuple[float, str, str]]:
    return task.required_slots, in_order(task)
