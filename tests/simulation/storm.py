"""Bad weather drawn from a tape: each seed has its own mix of faults, each fault its own rate. It clears up in the end."""

from __future__ import annotations

from collections.abc import Callable

from typing_extensions import override

from batchyard.kube.request import Request
from tests.simulation.network import Fate
from tests.simulation.tape import Tape
from tests.simulation.weather import Fair

CALLS = {
    Fate.REFUSED: 0.1,
    Fate.BUSY: 0.1,
    Fate.BROKEN: 0.1,
    Fate.LOST: 0.1,
    Fate.SWALLOWED: 0.05,
    Fate.CRASH_BEFORE: 0.03,
    Fate.CRASH_LOST: 0.03,
    Fate.CRASH_AFTER: 0.03,
}
"""How often at most."""
WATCHES = {"cut": 0.1, "frozen": 0.2}
CRASHES = (Fate.CRASH_BEFORE, Fate.CRASH_LOST, Fate.CRASH_AFTER)
LONGEST_FREEZE = 60.0
SHORTEST_SECONDS = 30.0


class Storm(Fair):
    def __init__(self, now: Callable[[], float], tape: Tape, longest_seconds: float) -> None:
        self._now = now
        self._tape = tape
        self._rates: dict[str, float] = {}
        self.ends = tape.between("storm.ends", SHORTEST_SECONDS, longest_seconds)
        self._slow = tape.number("storm.slow") < 0.3
        self._calls = {fate: self.rate(f"call.{fate.name}", most) for fate, most in CALLS.items()}
        self._watches = {what: self.rate(f"watch.{what}", most) for what, most in WATCHES.items()}
        self._thaws: dict[str, float] = {}

    @property
    def rages(self) -> bool:
        return self._now() < self.ends

    def rate(self, fault: str, most: float) -> float:
        """Of this seed: many faults do not happen in it at all."""
        if fault not in self._rates:
            active = self._tape.number(f"rate.{fault}.active") < 0.35
            self._rates[fault] = self._tape.number(f"rate.{fault}") if active else 0.0
        return most * self._rates[fault]

    @override
    def fate(self, call: Request) -> Fate:
        if not self.rages:
            return Fate.DONE
        for fate, rate in self._calls.items():
            possible = call.writes or fate not in CRASHES
            if possible and self._tape.fault(f"call.{fate.name}", rate):
                return fate
        return Fate.DONE

    @override
    def delay(self, call: Request) -> float:
        return self._spread("delay", 0.004)

    @override
    def lag(self, call: Request) -> float:
        return self._spread("lag", 0.02)

    @override
    def frozen(self, call: Request) -> float:
        kind = call.kind.kind
        if (
            self.rages
            and self._now() >= self._thaws.get(kind, 0)
            and self._tape.fault("watch.frozen", self._watches["frozen"])
        ):
            self._thaws[kind] = self._now() + self._tape.between("watch.frozen.for", 0.5, LONGEST_FREEZE)
        return max(0.0, self._thaws.get(kind, 0) - self._now())

    @override
    def cut(self, call: Request) -> bool:
        return self.rages and self._tape.fault("watch.cut", self._watches["cut"])

    def _spread(self, site: str, usual: float) -> float:
        """Mostly as usual, now and then much longer."""
        drawn = self._tape.number(site)
        return usual * (0.5 + drawn) + (3.0 * (drawn - 0.9) * 10 if self._slow and self.rages and drawn > 0.9 else 0.0)
