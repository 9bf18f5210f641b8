"""Waiting for a named condition until a deadline: the only way anything here waits."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(what: str, condition: Callable[[], T], seconds: float, interval: float = 0.1) -> T:
    """Return the first truthy value of the condition, or raise TimeoutError naming what was awaited."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(interval)
    return value
