"""Wakes one waiting coroutine: because something happened, or because its time has come. Cheaper than a timeout around an event."""

from __future__ import annotations

import asyncio


class Bell:
    """What rings while nobody waits is heard by the next who does."""

    def __init__(self) -> None:
        self.rung = False
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[None] | None = None

    def ring(self) -> None:
        self.rung = True
        self._wake()

    async def wait(self, until: float) -> None:
        """Until it has rung, or until that moment of the loop's clock."""
        if not self.rung:
            self._waiter = self._loop.create_future()
            timer = self._loop.call_at(until, self._wake)
            try:
                await self._waiter
            finally:
                self._waiter = None
                timer.cancel()
        self.rung = False

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
