"""Waiting in tests: on a named condition, with a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def eventually(what: str, holds: Callable[[], object], seconds: float = 5) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    while not holds():
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        await asyncio.sleep(0.005)  # the pace of looking, not a barrier
