"""Sets of integers as runs, so that ten thousand neighbours cost as much as one. Knows numbers, nothing of tasks."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

Run = tuple[int, int]
"""First and last, both included."""


class Intervals:
    """Runs are kept sorted, disjoint and not even neighbours, so that equal sets have equal runs."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        self._starts = array("q")
        self._ends = array("q")
        for start, end in runs:
            self.add(start, end)

    @property
    def runs(self) -> tuple[Run, ...]:
        return tuple(zip(self._starts, self._ends, strict=True))

    def __iter__(self) -> Iterator[int]:
        for start, end in zip(self._starts, self._ends, strict=True):
            yield from range(start, end + 1)

    def __len__(self) -> int:
        return sum(self._ends) - sum(self._starts) + len(self._starts)

    def __bool__(self) -> bool:
        return bool(self._starts)

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
        self._starts[first:last] = array("q", (start,))
        self._ends[first:last] = array("q", (end,))

    def copy(self) -> Intervals:
        same = Intervals()
        same._starts, same._ends = self._starts[:], self._ends[:]
        return same

    def remove(self, start: int, end: int | None = None) -> None:
        """One number, or a run of them, whether they are in the set or not."""
        end = start if end is None else end
        first = bisect_left(self._ends, start)
        last = bisect_right(self._starts, end)
        if first >= last:
            return
        before, after = self._starts[first], self._ends[last - 1]
        left = [run for run in ((before, start - 1), (end + 1, after)) if run[0] <= run[1]]
        self._starts[first:last] = array("q", (run[0] for run in left))
        self._ends[first:last] = array("q", (run[1] for run in left))

    def without(self, other: Intervals) -> Iterator[Run]:
        """The runs of what is in this set and not in the other."""
        return (gap for start, end in self.runs for gap in other.gaps(start, end))

    def within(self, other: Intervals) -> Intervals:
        """What is in both sets."""
        return Intervals(self.without(Intervals(self.without(other))))

    def first_missing(self, start: int, end: int) -> int | None:
        """The smallest number from start to end that is not in the set."""
        return next((run[0] for run in self.gaps(start, end)), None)

    def gaps(self, start: int, end: int) -> Iterator[Run]:
        """What lies between start and end and is not in the set."""
        place = bisect_left(self._ends, start)
        while place < len(self._starts) and self._starts[place] <= end:
            if start < self._starts[place]:
                yield start, self._starts[place] - 1
            start = self._ends[place] + 1
            place += 1
        if start <= end:
            yield start, end


def union(sets: Iterable[Intervals]) -> Intervals:
    return Intervals(sorted(run for each in sets for run in each.runs))


def text(numbers: Intervals, base: int = 0) -> str:
    """As Kubernetes writes the indexes of its Jobs: `1,3-5,7`; each number less `base`."""
    return ",".join(f"{a - base}" if a == b else f"{a - base}-{b - base}" for a, b in numbers.runs)


def read(written: str, base: int = 0) -> Intervals:
    """Raises ValueError on what is no such text."""
    runs = (each.partition("-") for each in written.split(",")) if written else ()
    pairs = (sorted((int(first), int(last if dash else first))) for first, dash, last in runs)
    return Intervals((first + base, last + base) for first, last in pairs)
