"""Sets of integers as runs, so that ten thousand neighbours cost as much as one. Knows numbers, nothing of tasks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

Run = tuple[int, int]
"""First and last, both included."""


class Intervals:
    """Runs are kept sorted, disjoint and not even neighbours, so that equal sets have equal runs."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in runs:
            self.add(start, end)

    @property
    def runs(self) -> tuple[Run, ...]:
        return tuple(zip(self._starts, self._ends, strict=True))

    def __iter__(self) -> Iterator[int]:
        for start, end in self.runs:
            yield from range(start, end + 1)

    def __len__(self) -> int:
        return sum(self._ends) - sum(self._starts) + len(self._starts)

    def __contains__(self, number: int) -> bool:
        place = bisect_right(self._starts, number) - 1
        return place >= 0 and number <= self._ends[place]

    def add(self, start: int, end: int | None = None) -> None:
        """One number, or a run of them; what it touches becomes one run with it."""
        end = start if end is None else end
        first = bisect_left(self._ends, start - 1)
        last = bisect_right(self._starts, end + 1)
        if first < last:
            start, end = min(start, self._starts[first]), max(end, self._ends[last - 1])
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]

    def first_missing(self, start: int, end: int) -> int | None:
        """The smallest number from start to end that is not in the set."""
        place = bisect_right(self._starts, start) - 1
        missing = self._ends[place] + 1 if place >= 0 and self._ends[place] >= start else start
        return missing if missing <= end else None
