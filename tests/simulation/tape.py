"""All chance of a simulation: drawn from a seed, and recorded where it made something go wrong. The same seed, the same run.

Each site has dice of its own, so that a fault that is taken out moves no others; that is what makes tapes shrink.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from random import Random

Fault = tuple[str, int]
"""A place where something can go wrong, and which of its occasions."""


class Tape:
    """With `only`, exactly those faults happen; without, each by its rate."""

    def __init__(self, seed: int, only: Iterable[Fault] | None = None) -> None:
        self.seed = seed
        self.taken: list[Fault] = []
        self._only = None if only is None else frozenset(only)
        self._dice: dict[str, Random] = {}
        self._occasions: defaultdict[str, int] = defaultdict(int)

    def number(self, site: str) -> float:
        """In [0, 1)."""
        if site not in self._dice:
            self._dice[site] = Random(f"{self.seed}/{site}")
        return self._dice[site].random()

    def between(self, site: str, low: float, high: float) -> float:
        return low + (high - low) * self.number(site)

    def fault(self, site: str, rate: float) -> bool:
        """Whether it happens this time."""
        occasion = self._occasions[site]
        self._occasions[site] += 1
        drawn = self.number(site)
        happens = drawn < rate if self._only is None else (site, occasion) in self._only
        if happens:
            self.taken.append((site, occasion))
        return happens
