"""How late the event loop is: a short sleep that wakes late says that something held the loop up. Measures, does nothing about it."""

from __future__ import annotations

import asyncio
from typing import NoReturn

from batchyard import metrics

EVERY_SECONDS = 0.5


async def measure() -> NoReturn:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + EVERY_SECONDS
        await asyncio.sleep(EVERY_SECONDS)
        metrics.observe_lag(max(0.0, loop.time() - due))
