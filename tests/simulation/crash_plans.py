"""What can go wrong at every single write of a workload, and at two of them: one plan each, and nothing left to chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from zlib import crc32

from typing_extensions import override

from batchyard.kube.request import Request
from tests.history.liveness import tasks_ended
from tests.simulation.forked import Split
from tests.simulation.network import Fate
from tests.simulation.simulation import Result, simulate
from tests.simulation.tape import Tape
from tests.simulation.weather import Mishap, Planned, Stale
from tests.simulation.workloads import WORKLOADS

MISHAPS: dict[str, Mishap] = {
    "crash before": Fate.CRASH_BEFORE,
    "crash, answer lost": Fate.CRASH_LOST,
    "crash after": Fate.CRASH_AFTER,
    "answer lost": Fate.LOST,
    "never sent": Fate.SWALLOWED,
    "stale from there": Stale(),
    "stale Pods from there": Stale(frozenset({"Pod"})),
    "stale records from there": Stale(frozenset({"BatchTask", "BatchJobNode", "BatchNode"})),
}
SEED = 1
EXTRA_WRITES = 25
"""What one mishap may cost (L7)."""
RECOVERY_WRITES = 12
"""The second mishap comes within so many writes of the first."""


@dataclass(frozen=True)
class Plan:
    workload: str
    at: tuple[tuple[int, str], ...] = ()
    """Numbers of writes and what goes wrong there."""

    @override
    def __str__(self) -> str:
        return f"{self.workload}: " + ", ".join(f"{what} write {number}" for number, what in self.at)

    def play(self) -> Result:
        """This one alone: to look at a plan that failed."""
        script = WORKLOADS[self.workload].script
        result = simulate(script, Tape(SEED), lambda loop: Planned(loop.time, self._mishaps), calm=not self.at)
        if not {"tasks", "hopeless"} & WORKLOADS[self.workload].open:
            result.complaints += [f"L2: {each}" for each in tasks_ended(result.history)]
        if not self.at and "refusals" not in WORKLOADS[self.workload].open:
            result.complaints += [f"S13: {each}" for each in result.refused]
        return result

    def and_then(self, number: int, what: str) -> Plan:
        return replace(self, at=(*self.at, (number, what)))

    @property
    def _mishaps(self) -> dict[int, Mishap]:
        return {number: MISHAPS[what] for number, what in self.at}


@dataclass(frozen=True)
class Extent:
    """Which plans are played: every so-manyth, chosen by their names, so always the same."""

    singles: int = 1
    pairs: int = 600

    def includes(self, plan: Plan) -> bool:
        every = self.singles if len(plan.at) == 1 else self.pairs
        return crc32(str(plan).encode()) % every == 0


class _Explorer(Planned):
    """Splits at every write at which a plan wants something to go wrong."""

    def __init__(self, now: Callable[[], float], plan: Plan, extent: Extent, split: Split) -> None:
        super().__init__(now, {})
        self.plan = plan
        self._extent = extent
        self._split = split

    @override
    def fate(self, call: Request) -> Fate:
        number = self.writes + 1
        if call.writes:
            for what, mishap in MISHAPS.items():
                plan = self.plan.and_then(number, what)
                if self._wanted(number) and self._extent.includes(plan) and self._split.copy():
                    self.plan, self.mishaps = plan, {number: mishap}
                    break
        return super().fate(call)

    def _wanted(self, number: int) -> bool:
        return not self.plan.at or (len(self.plan.at) == 1 and number <= self.plan.at[0][0] + RECOVERY_WRITES)


Told = Callable[[str, list[str]], None]


def explore(workload: str, extent: Extent, told: Told) -> Result:
    """Tells every plan's name and of the life that it leads to its trace, then what is wrong with it. Returns the life without mishaps."""
    expected = Plan(workload).play()
    split = Split(told)
    explorers: list[_Explorer] = []

    def skies(now: Callable[[], float]) -> _Explorer:
        explorers.append(_Explorer(now, Plan(workload), extent, split))
        return explorers[-1]

    try:
        result = simulate(WORKLOADS[workload].script, Tape(SEED), lambda loop: skies(loop.time))
        plan = explorers[-1].plan
        wrong = [*result.complaints, *differences(workload, expected, result), *waste(plan, expected, result)]
        report = [result.trace, *wrong]
    except BaseException as error:
        if not split.is_copy:
            raise
        report = ["", f"{type(error).__name__}: {error}"]
    if split.is_copy:
        split.end(str(explorers[-1].plan), report)
    return expected


def length(workload: str) -> int:
    """In writes, of the life without mishaps."""
    return len(Plan(workload).play().writes)


def differences(workload: str, expected: Result, result: Result) -> Iterator[str]:
    for about, wanted in expected.outcomes.items():
        if about not in WORKLOADS[workload].open and result.outcomes[about] != wanted:
            yield f"{about} are {result.outcomes[about]}, without the fault {wanted}"


def waste(plan: Plan, expected: Result, result: Result) -> Iterator[str]:
    allowed = len(expected.writes) + EXTRA_WRITES * len(plan.at)
    if len(result.writes) > allowed:
        yield f"L7: {len(result.writes)} writes, without the fault {len(expected.writes)}"


def results(workload: str, extent: Extent) -> tuple[int, dict[str, list[str]]]:
    """How many writes the workload makes, and the complaints of every plan by its name."""
    found: dict[str, list[str]] = {}
    expected = explore(workload, extent, lambda plan, report: found.update({plan: report[1:]}))
    return len(expected.writes), found
