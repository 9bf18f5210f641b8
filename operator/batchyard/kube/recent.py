"""What was just now, by key, and nothing of what was before. Knows the clock, nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Remembers each note for so many seconds; holds no more than what was noted in that time."""

    def __init__(self, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._now = now
        self._notes: dict[K, tuple[float, V]] = {}  # the oldest first

    def __len__(self) -> int:
        return len(self._notes)

    def note(self, key: K, value: V) -> None:
        self._notes.pop(key, None)
        self._notes[key] = self._now(), value
        while self._age(next(iter(self._notes))) >= self._seconds:
            del self._notes[next(iter(self._notes))]

    def find(self, key: K) -> tuple[V, float] | None:
        """What was noted and how many seconds ago."""
        if key not in self._notes or (age := self._age(key)) >= self._seconds:
            return None
        return self._notes[key][1], age

    def _age(self, key: K) -> float:
        return self._now() - self._notes[key][0]
