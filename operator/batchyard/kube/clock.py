"""What time it is, for those who ask and wait. A value that is handed down, so that a simulation can bring its own time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """`now` in epoch seconds, as the cluster's objects say it; `monotonic` for how long something takes."""

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic


REAL = Clock()
