"""The pace of writes: so many a second, so many at once, and silence while the API server asks for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import TracebackType

from batchyard.kube.errors import Unavailable


class Tokens:
    """The arithmetic: a bucket that starts full and refills evenly. Time comes in, waiting times go out."""

    def __init__(self, *, per_second: float, burst: int, now: float) -> None:
        self._per_second = per_second
        self._burst = burst
        self._level = float(burst)
        self._at = now

    def take(self, now: float) -> float:
        """0 when a token was taken, else the seconds after which it pays to ask again."""
        if now > self._at:
            self._level = min(self._burst, self._level + (now - self._at) * self._per_second)
            self._at = now
        if now < self._at:
            return self._at - now
        if self._level < 1 - 1e-9:  # a token is a token, in spite of rounding
            return (1 - self._level) / self._per_second
        self._level -= 1
        return 0.0

    def empty_until(self, moment: float) -> None:
        """Nobody passes before that moment, and from then on at the even pace: no burst follows a pause."""
        self._level = 0.0
        self._at = max(self._at, moment)


class Bucket:
    """`async with bucket:` around one write. A Retry-After that leaves the block holds back everybody."""

    def __init__(
        self, *, per_second: float, burst: int, in_flight: int, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._now = now
        self._tokens = Tokens(per_second=per_second, burst=burst, now=now())
        self._slots = asyncio.Semaphore(in_flight)
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> None:
        await self._slots.acquire()
        try:
            await self._token()
        except BaseException:
            self._slots.release()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._slots.release()
        if isinstance(error, Unavailable) and error.retry_after:
            self.pause(error.retry_after)

    def pause(self, seconds: float) -> None:
        self._tokens.empty_until(self._now() + seconds)

    async def _token(self) -> None:
        async with self._turn:  # first come, first served; only one waiter at a time watches the clock
            while True:
                seconds = self._tokens.take(self._now())
                if not seconds:
                    return
                await asyncio.sleep(seconds)
