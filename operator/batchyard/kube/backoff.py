"""How long to wait after failures in a row. The only dice of this room are thrown here."""

from __future__ import annotations

import random

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 30.0


def delay(failures: int, chance: float, *, first: float = FIRST_SECONDS, longest: float = LONGEST_SECONDS) -> float:
    """Doubles with each failure up to `longest`; `chance` in [0, 1) takes away up to half, so that crowds disperse."""
    if failures <= 0:
        return 0.0
    full = min(longest, first * 2.0 ** min(failures - 1, 16))
    return full * (1 - chance / 2)


class Backoff:
    """Counts failures in a row."""

    def __init__(self, *, first: float = FIRST_SECONDS, longest: float = LONGEST_SECONDS) -> None:
        self._first = first
        self._longest = longest
        self._failures = 0

    def success(self) -> None:
        self._failures = 0

    def failure(self, at_least: float | None = None) -> float:
        """Seconds to wait now; `at_least` is what the server asked for."""
        self._failures += 1
        chance = random.random()  # noqa: S311  no secret depends on it
        return max(at_least or 0.0, delay(self._failures, chance, first=self._first, longest=self._longest))
