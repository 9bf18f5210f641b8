"""What has become of each integer of a range task: each stands in at most one set, alike ones as runs. Values, no rule of a task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from batchyard.api.states import JobAction
from batchyard.core.intervals import Intervals, Run, union


@dataclass(frozen=True, slots=True)
class Outcome:
    """How indexes have ended, with all that follows from it."""

    code: str = ""
    """Failure code; empty after success."""
    exit_code: int | None = None
    satisfies: bool = False
    asks: JobAction = JobAction.NONE
    """What the end asks of the job and has not been given yet."""

    @property
    def succeeded(self) -> bool:
        return not self.code


@dataclass(frozen=True, slots=True)
class History:
    """What an index that is still open has been through."""

    attempt: int = 0
    retry_count: int = 0
    requeue_count: int = 0
    recovery_count: int = 0
    pending_failure: str = ""


NEW = History()
Place = Outcome | History
Ended = Mapping[Outcome, Intervals]
Tried = Mapping[History, Intervals]
P = TypeVar("P", Outcome, History)


@dataclass(frozen=True, slots=True)
class Indexes:
    """Those that are in no set have never been tried."""

    start: int
    end: int
    ended: Ended = field(default_factory=dict)
    tried: Tried = field(default_factory=dict)
    open: Intervals = field(init=False)

    def __post_init__(self) -> None:
        over = union(self.ended.values())
        object.__setattr__(self, "open", Intervals(over.gaps(self.start, self.end)))

    @property
    def total(self) -> int:
        return self.end - self.start + 1

    @property
    def succeeded(self) -> int:
        return sum(len(those) for how, those in self.ended.items() if how.succeeded)

    @property
    def failed(self) -> int:
        return sum(len(those) for how, those in self.ended.items() if not how.succeeded)

    @property
    def asks(self) -> JobAction:
        """The most that the ends of its indexes ask of the job."""
        asked = {how.asks for how in self.ended}
        return next((a for a in (JobAction.TERMINATE, JobAction.DISABLE) if a in asked), JobAction.NONE)

    def asking(self, action: JobAction) -> Iterator[int]:
        return (number for how, those in self.ended.items() if how.asks is action for number in those)

    def runs(self, *, satisfying: bool) -> Iterator[Run]:
        """Of indexes that have ended and let tasks start that depend on them, or do not."""
        return (run for how, those in self.ended.items() if how.satisfies is satisfying for run in those.runs)

    def history(self, number: int) -> History:
        return next((history for history, those in self.tried.items() if number in those), NEW)


def moved(sets: Mapping[P, Intervals], places: Mapping[Place, Iterable[Run]], kind: type[P]) -> dict[P, Intervals]:
    """The sets with these runs taken out of wherever they stood, and put where they belong now if that is of this kind."""
    leaving = [run for runs in places.values() for run in runs]
    after = {place: _without(those, leaving) for place, those in sets.items()}
    for place, runs in places.items():
        if isinstance(place, kind) and place != NEW:
            those = after.setdefault(place, Intervals())
            for start, end in runs:
                those.add(start, end)
    return {place: those for place, those in after.items() if those}


def _without(numbers: Intervals, runs: Iterable[Run]) -> Intervals:
    left = numbers.copy()
    for start, end in runs:
        left.remove(start, end)
    return left
