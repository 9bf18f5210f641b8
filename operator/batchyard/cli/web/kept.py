"""Values that are kept for a moment, the longer the more it cost to get them, so that a page which asks every two seconds costs little."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

SHARE = 10
"""What took a second is made anew every ten seconds: so a page keeps nobody busy for more than a tenth of the time."""
MOST_SECONDS = 60.0
"""However much it cost: whoever looks wants to see what goes on."""
FORGOTTEN_AFTER = 30.0
"""Seconds for which nobody wanted it any more: the objects of large jobs take room."""

T = TypeVar("T")


@dataclass(slots=True)
class _Value:
    good_until: float
    lock: threading.Lock = field(default_factory=threading.Lock)
    content: Any = None
    made: bool = False


class Kept:
    def __init__(self, least_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._least, self._clock = least_seconds, clock
        self._values: dict[Hashable, _Value] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        value = self._value(key)
        with value.lock:  # who wants the same meanwhile gets the same
            begin = self._clock()
            if not value.made or begin >= value.good_until:
                value.content, value.made = make(), True
                end = self._clock()
                value.good_until = end + min(MOST_SECONDS, max(self._least, SHARE * (end - begin)))
            return cast(T, value.content)

    def _value(self, key: Hashable) -> _Value:
        with self._lock:
            now = self._clock()
            self._values = {k: v for k, v in self._values.items() if k == key or v.good_until + FORGOTTEN_AFTER > now}
            return self._values.setdefault(key, _Value(now))
