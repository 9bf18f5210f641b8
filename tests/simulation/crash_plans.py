"""What can go wrong at every single write of a workload, and at two of them: one plan each. Nothing here is left to chance but the pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from random import Random

from typing_extensions import override

from tests.simulation.network import Fate
from tests.simulation.simulation import Result, simulate
from tests.simulation.tape import Tape
from tests.simulation.weather import STALE, Mishap, Planned
from tests.simulation.workloads import WORKLOADS, Workload

MISHAPS: dict[str, Mishap] = {
    "crash before": Fate.CRASH_BEFORE,
    "crash, answer lost": Fate.CRASH_LOST,
    "crash after": Fate.CRASH_AFTER,
    "answer lost": Fate.LOST,
    "never sent": Fate.SWALLOWED,
    "stale from there": STALE,
}
SEED = 1


@dataclass(frozen=True)
class Plan:
    workload: str
    at: tuple[tuple[int, str], ...]
    """Numbers of writes and what goes wrong there."""

    @override
    def __str__(self) -> str:
        return f"{self.workload}: " + ", ".join(f"{what} write {number}" for number, what in self.at)

    def play(self) -> Result:
        mishaps = {number: MISHAPS[what] for number, what in self.at}
        return simulate(WORKLOADS[self.workload].script, Tape(SEED), lambda loop: Planned(loop.time, mishaps))


def reference(workload: str) -> Result:
    return Plan(workload, ()).play()


def singles(workload: str, writes: int) -> Iterator[Plan]:
    for number in range(1, writes + 1):
        for what in MISHAPS:
            yield Plan(workload, ((number, what),))


def pairs(workload: str, writes: int) -> Iterator[Plan]:
    """The second one in the recovery from the first, more often than not; without end."""
    dice = Random(workload)
    while True:
        first = dice.randint(1, writes)
        second = first + dice.randint(1, max(1, min(12, writes - first)))
        yield Plan(workload, ((first, dice.choice([*MISHAPS])), (second, dice.choice([*MISHAPS]))))


def plans(workload: str, writes: int, pairs_each: int) -> list[Plan]:
    return [*singles(workload, writes), *islice(pairs(workload, writes), pairs_each)]


def complaints(plan: Plan, expected: Result) -> list[str]:
    """What is wrong with the life that the plan leads to; empty if nothing is."""
    result = plan.play()
    return [*result.complaints, *_differences(WORKLOADS[plan.workload], expected, result)]


def _differences(workload: Workload, expected: Result, result: Result) -> Iterator[str]:
    for about, wanted in expected.outcomes.items():
        if about not in workload.open and result.outcomes[about] != wanted:
            yield f"{about} are {result.outcomes[about]}, without the fault {wanted}"


_reference = cache(reference)


def against_reference(plan: Plan) -> list[str]:
    return complaints(plan, _reference(plan.workload))
