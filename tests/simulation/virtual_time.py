"""An event loop whose clock jumps to the next timer, so that hours pass in milliseconds. No sockets, no threads, no signals."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from typing_extensions import override

from batchyard.kube.clock import Clock

T = TypeVar("T")

EPOCH = 1_800_000_000.0
"""When every simulation begins."""


class NothingEverHappens(Exception):  # noqa: N818  reads as what happened
    """All coroutines wait, and for no timer."""


class VirtualLoop(asyncio.BaseEventLoop):
    def __init__(self) -> None:
        super().__init__()
        self.elapsed = 0.0
        self._selector = _Jump(self)

    @override
    def time(self) -> float:
        return self.elapsed

    def clock(self) -> Clock:
        return Clock(now=lambda: EPOCH + self.elapsed, monotonic=self.time)

    def _process_events(self, event_list: list[Any]) -> None:
        """Nothing but timers ever happens here."""

    def _write_to_self(self) -> None:
        """Nobody else could be waiting."""


class _Jump:
    """Stands where a loop has its selector: what would be waited for is over at once."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise NothingEverHappens
        self._loop.elapsed += timeout
        return []


def run(main: Coroutine[Any, Any, T], loop: VirtualLoop) -> T:
    """Until `main` has ended; then everything else is ended too."""
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(_stop)
    try:
        return loop.run_until_complete(main)
    finally:
        loop.run_until_complete(_end_all())
        loop.run_until_complete(loop.shutdown_asyncgens())
        asyncio.set_event_loop(None)
        loop.close()


def _stop(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What failed in a callback would go unheard, and the world be another than it should be."""
    if (error := context.get("exception")) is not None:
        raise SystemError(f"{context['message']}: {error!r}") from error


async def _end_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for each in others:
        each.cancel()
    await asyncio.gather(*others, return_exceptions=True)
