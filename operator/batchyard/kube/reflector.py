"""Keeps a Sink equal to what the API server has of one kind: list, watch, mark and sweep. Looks into no object."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from typing import Any, NoReturn, Protocol

import orjson

from batchyard.kube.backoff import Backoff
from batchyard.kube.client import Client
from batchyard.kube.clock import REAL, Clock
from batchyard.kube.errors import KubeError, Unavailable, from_response
from batchyard.kube.kinds import Scope

log = logging.getLogger(__name__)

YIELD_EVERY = 200


class Sink(Protocol):
    """What a reflector fills. Calls are quick, for the API server cuts off a slow reader, and do not raise.

    Neither a malformed object may raise: that would end the reflector, and with it the operator, for everybody.
    """

    def upsert(self, item: dict[str, Any]) -> None:
        """An object as the server has it, perhaps older than what the sink knows from an answer to a write."""

    def remove(self, namespace: str, name: str, uid: str) -> None:
        """The object is gone, or does not match the selectors any more."""

    def listed(self, seen: set[str], version: int, namespace: str | None = None) -> None:
        """A list (of one namespace, or of all) is complete; `seen` are its UIDs.

        What it does not mention is gone, if not newer than `version`.
        """


async def list_once(client: Client, scope: Scope, sink: Sink) -> str:
    """One complete list and its sweep; returns the resource version it shows."""
    seen: set[str] = set()
    version = ""
    pages = client.list_pages(scope)
    async with aclosing(pages):
        async for page in pages:
            version = page.resource_version
            for item in page.items:
                seen.add(item["metadata"]["uid"])
                sink.upsert(item)
            await asyncio.sleep(0)
    sink.listed(seen, int(version), scope.namespace)
    return version


class Reflector:
    """Runs until cancelled. Trouble with the API server is waited out; anything else is a bug, raised to the supervisor."""

    def __init__(
        self,
        client: Client,
        scope: Scope,
        sink: Sink,
        *,
        relist_seconds: float | None = None,
        silence_seconds: float = 90,
        clock: Clock = REAL,
        count: Callable[[str], None] = lambda _kind: None,
    ) -> None:
        """`count` hears the kind each time that the watch has broken off and begins again."""
        self.synced = asyncio.Event()
        self._client = client
        self._monotonic = clock.monotonic
        self._scope = scope
        self._sink = sink
        self._count = count
        self._relist_seconds = relist_seconds or float("inf")
        self._silence_seconds = silence_seconds
        self._backoff = Backoff()
        self._version = ""  # where the next watch starts; empty: list first
        self._relist_at = 0.0
        self._last_event = self._monotonic()

    @property
    def scope(self) -> Scope:
        return self._scope

    def last_event_age(self, now: float) -> float:
        """Seconds since the server last said anything, bookmarks included."""
        return now - self._last_event

    async def run(self) -> NoReturn:
        while True:
            try:
                await self._list_if_due()
                await self._watch()
            except KubeError as error:
                await self._wait_out(error)

    async def _list_if_due(self) -> None:
        if self._version and self._monotonic() < self._relist_at:
            return
        self._version = await list_once(self._client, self._scope, self._sink)
        self._relist_at = self._monotonic() + self._relist_seconds
        self._last_event = self._monotonic()
        self.synced.set()

    async def _watch(self) -> None:
        started = self._monotonic()
        lines = self._client.watch(self._scope, self._version, silence_seconds=self._silence_seconds)
        async with aclosing(lines):
            count = 0
            async for line in lines:
                self._take(_decoded(line))
                count += 1
                if count % YIELD_EVERY == 0:
                    await asyncio.sleep(0)
                if self._monotonic() >= self._relist_at:
                    return
        if self._monotonic() - started < 1 and not count:
            raise Unavailable("the watch ended at once")

    def _take(self, event: dict[str, Any]) -> None:
        kind, item = event["type"], event["object"]
        if kind == "ERROR":
            self._version = ""  # whatever it is, the stream has lost its place
            raise from_response(item.get("code") or 500, item, write=False)
        meta = item["metadata"]
        if kind == "DELETED":
            self._sink.remove(meta.get("namespace", ""), meta["name"], meta["uid"])
        elif kind != "BOOKMARK":
            self._sink.upsert(item)
        self._version = meta["resourceVersion"]
        self._last_event = self._monotonic()
        self._backoff.success()

    async def _wait_out(self, error: KubeError) -> None:
        # A watch may be taken up where it stopped, unless the server does not know that place (any more).
        if not isinstance(error, Unavailable) or error.status in (404, 504):
            self._version = ""
        seconds = self._backoff.failure(error.retry_after if isinstance(error, Unavailable) else None)
        self._count(self._scope.kind.kind)
        said = {"kind": self._scope.kind.kind, "namespace": self._scope.namespace or ""}
        log.warning("%s: %s; again in %.1f s", self._scope.kind.plural, error, seconds, extra=said)
        await asyncio.sleep(seconds)


def _decoded(line: bytes) -> dict[str, Any]:
    try:
        event: dict[str, Any] = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise Unavailable("a line of the watch is not JSON") from error
    return event
