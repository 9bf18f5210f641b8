"""Kinds of weather: fair, and what a plan or a seed makes go wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from typing_extensions import override

from batchyard.kube.request import Request
from batchyard.kube.wire import Answer
from tests.simulation.network import Fate
from tests.simulation.simulation import Skies

STALE_SECONDS = 45.0


@dataclass(frozen=True)
class Stale:
    """From that write on watches of these kinds, or of all, tell nothing for a while."""

    kinds: frozenset[str] = frozenset()

    def covers(self, call: Request) -> bool:
        return not self.kinds or call.kind.kind in self.kinds


Mishap = Fate | Stale


class Fair(Skies):
    """Nothing goes wrong; calls and news take the time they take."""

    @override
    def fate(self, call: Request) -> Fate:
        return Fate.DONE

    @override
    def delay(self, call: Request) -> float:
        return 0.004

    @override
    def lag(self, call: Request) -> float:
        return 0.02

    @override
    def frozen(self, call: Request) -> float:
        return 0

    @override
    def cut(self, call: Request) -> bool:
        return False

    @override
    def answered(self, call: Request, answer: Answer) -> None:
        """Nothing follows from it."""

    @override
    def clear_up(self) -> None:
        """It is fair already."""


class Planned(Fair):
    """Exactly these things go wrong, each at a write that is counted from 1 over all lives of the operator."""

    def __init__(self, now: Callable[[], float], mishaps: Mapping[int, Mishap]) -> None:
        self._now = now
        self.mishaps = mishaps
        self.writes = 0
        self._stale = Stale()
        self._stale_until = 0.0

    @override
    def fate(self, call: Request) -> Fate:
        if not call.writes:
            return Fate.DONE
        self.writes += 1
        mishap = self.mishaps.get(self.writes, Fate.DONE)
        if isinstance(mishap, Fate):
            return mishap
        self._stale, self._stale_until = mishap, self._now() + STALE_SECONDS
        return Fate.DONE

    @override
    def frozen(self, call: Request) -> float:
        return max(0.0, self._stale_until - self._now()) if self._stale.covers(call) else 0.0
