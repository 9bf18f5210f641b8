"""The wire between one operator process and the API server: where calls are late, refused, lost, and watches lag, are cut or fall silent.

What goes wrong is decided by `Weather`; here it is carried out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum, auto
from typing import Protocol

import orjson
from typing_extensions import override

from batchyard.kube.errors import Unavailable
from batchyard.kube.request import Request
from batchyard.kube.wire import Answer, Wire
from tests.simulation.api import call as api
from tests.simulation.bell import Bell
from tests.simulation.hub import Hub

BOOKMARK_SECONDS = 55.0
INSTANT = 1e-6
"""Less than that is no time: adding it to the clock might not move it."""


class Fate(Enum):
    """What becomes of one call."""

    DONE = auto()
    REFUSED = auto()
    """Connection refused: never sent."""
    BUSY = auto()
    """429 with Retry-After."""
    BROKEN = auto()
    """500, nothing done."""
    LOST = auto()
    """Done, but the answer never comes."""
    SWALLOWED = auto()
    """Neither done nor answered."""
    CRASH_BEFORE = auto()
    """The operator dies before it has sent it."""
    CRASH_LOST = auto()
    """The call is done, and the operator dies without the answer."""
    CRASH_AFTER = auto()
    """The operator has the answer, and dies."""


class Weather(Protocol):
    """Decides what goes wrong. Durations in seconds."""

    def fate(self, call: Request) -> Fate: ...

    def delay(self, call: Request) -> float:
        """Of the call to the server."""

    def lag(self, call: Request) -> float:
        """Of news on their way through a watch."""

    def frozen(self, call: Request) -> float:
        """For how long a watch tells nothing from now on."""

    def cut(self, call: Request) -> bool:
        """Whether a watch breaks instead of telling its news."""

    def answered(self, call: Request, answer: Answer) -> None: ...


class Overheard(Weather):
    """Weather as it is: for those who listen to what it does."""

    def __init__(self, weather: Weather) -> None:
        self._weather = weather

    @override
    def fate(self, call: Request) -> Fate:
        return self._weather.fate(call)

    @override
    def delay(self, call: Request) -> float:
        return self._weather.delay(call)

    @override
    def lag(self, call: Request) -> float:
        return self._weather.lag(call)

    @override
    def frozen(self, call: Request) -> float:
        return self._weather.frozen(call)

    @override
    def cut(self, call: Request) -> bool:
        return self._weather.cut(call)

    @override
    def answered(self, call: Request, answer: Answer) -> None:
        self._weather.answered(call, answer)


class SimulatedWire(Wire):
    """`crash` ends the process that this wire belongs to; from then on nothing passes any more."""

    def __init__(self, hub: Hub, weather: Weather) -> None:
        self.dead = asyncio.get_running_loop().create_future()
        self._hub = hub
        self._weather = weather

    @override
    async def close(self) -> None:
        pass

    @override
    async def send(self, call: Request, *, seconds: float) -> Answer:
        fate = self._weather.fate(call)
        if fate is Fate.CRASH_BEFORE:
            await self._die()
        await self._wait(self._weather.delay(call))
        match fate:
            case Fate.REFUSED:
                raise Unavailable("connection refused")
            case Fate.BUSY:
                return _status(429, "TooManyRequests", retry_after=2.0)
            case Fate.BROKEN:
                return _status(500, "InternalError")
            case Fate.SWALLOWED:
                await self._time_out(call, seconds)
            case _:
                pass
        answer = self._hub.call(api.Request(call.method, call.path, call.params, call.body, call.content_type))
        match fate:
            case Fate.LOST:
                await self._time_out(call, seconds)
            case Fate.CRASH_LOST:
                await self._die()
            case Fate.CRASH_AFTER:
                asyncio.get_running_loop().call_soon(self.kill)
            case _:
                pass
        await self._wait(self._weather.delay(call))
        heard = Answer(answer.code, answer.content)
        self._weather.answered(call, heard)
        return heard

    @override
    @asynccontextmanager
    async def stream(self, call: Request, *, silence_seconds: float) -> AsyncIterator[AsyncIterator[bytes]]:
        await self._wait(self._weather.delay(call))
        if self._weather.fate(call) in (Fate.REFUSED, Fate.BROKEN, Fate.BUSY):
            raise Unavailable("connection refused")
        yield self._told(call, silence_seconds)

    def kill(self) -> None:
        if not self.dead.done():
            self.dead.set_result(None)

    async def _told(self, call: Request, silence_seconds: float) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        watch = self._hub.api.watch(call.path, call.params)
        ends, silent_at = loop.time() + float(call.params["timeoutSeconds"]), loop.time() + silence_seconds
        bookmark_at = loop.time() + BOOKMARK_SECONDS
        news = Bell()
        news.ring()
        self._hub.attend(news, watch.about)
        try:
            while loop.time() < ends:
                await news.wait(min(ends, bookmark_at, silent_at))
                if loop.time() >= silent_at:
                    raise Unavailable("the watch is silent")
                if (frozen := self._weather.frozen(call)) > INSTANT:
                    bookmark_at += frozen
                    if await self._thaws(frozen, silent_at):
                        news.ring()
                    continue
                if lines := [orjson.dumps(event) + b"\n" for event in watch.events()]:
                    await self._wait(self._weather.lag(call))
                    if self._weather.cut(call):
                        raise Unavailable("the watch was cut")
                elif loop.time() >= bookmark_at:
                    lines = [orjson.dumps(watch.bookmark()) + b"\n"]
                    bookmark_at = loop.time() + BOOKMARK_SECONDS
                else:
                    continue
                silent_at = loop.time() + silence_seconds
                yield b"".join(lines)
        finally:
            self._hub.leave(news, watch.about)

    async def _thaws(self, seconds: float, silent_at: float) -> bool:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, min(seconds, silent_at - loop.time())))
        return loop.time() < silent_at

    async def _wait(self, seconds: float) -> None:
        if self.dead.done():
            await self._die()
        await asyncio.sleep(seconds)
        if self.dead.done():
            await self._die()

    async def _die(self) -> None:
        """Whoever called never hears of anything again."""
        self.kill()
        await asyncio.get_running_loop().create_future()

    async def _time_out(self, call: Request, seconds: float) -> None:
        await self._wait(seconds)
        raise Unavailable("no answer in time", outcome_unknown=call.writes)


def _status(code: int, reason: str, retry_after: float | None = None) -> Answer:
    body = {"kind": "Status", "code": code, "reason": reason, "message": reason}
    return Answer(code, orjson.dumps(body), retry_after)
