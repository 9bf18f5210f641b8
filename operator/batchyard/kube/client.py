"""The one door to the API server: generic calls on any kind, over a wire. Decides nothing, retries nothing."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import orjson

from batchyard.kube import request
from batchyard.kube.errors import KubeError, Unavailable
from batchyard.kube.kinds import Kind, Scope
from batchyard.kube.request import Body, Request
from batchyard.kube.wire import Wire

Guard = Callable[[], None]
Count = Callable[[str, str, int, float | None], None]
"""Hears verb, kind, HTTP code, and the seconds that the answer took; None for a watch, which lasts as long as it may."""

READ_SECONDS = 30
# Less than what lies between our own lease deadline and the moment another replica may take over (kube/lease.py): the
# last write of a replica that lost its lease is over before the next one begins.
WRITE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list. All pages of one list show the cluster at the same resource version."""

    items: list[Body]
    resource_version: str


class Client:
    """Closes its wire. `guard` may veto a write by raising; `count` hears of every call."""

    def __init__(
        self,
        wire: Wire,
        guard: Guard = lambda: None,
        count: Count = lambda _verb, _kind, _code, _seconds: None,
    ) -> None:
        self._wire = wire
        self._guard = guard
        self._count = count

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._wire.close()

    async def get(self, kind: Kind, namespace: str | None, name: str) -> Body:
        return await self._call(request.get(kind, namespace, name))

    async def list_pages(self, scope: Scope, limit: int = 500) -> AsyncGenerator[Page]:
        """Page by page; a Conflict with `expired` means that the list took too long and has to be started over."""
        token = ""
        while True:
            answer = await self._call(request.page(scope, limit, token))
            meta = answer["metadata"]
            yield Page(answer.get("items") or [], meta["resourceVersion"])
            token = meta.get("continue") or ""
            if not token:
                return

    async def create(self, kind: Kind, namespace: str | None, body: Body) -> Body:
        return await self._call(request.create(kind, namespace, body))

    async def merge_patch(
        self, kind: Kind, namespace: str | None, name: str, body: Body, subresource: str = ""
    ) -> Body:
        """A `metadata.resourceVersion` inside the body is a precondition: Conflict if it is not the current one."""
        path = kind.object(namespace, name, subresource)
        return await self._call(request.patch(kind, path, body, request.MERGE_PATCH))

    async def apply(self, kind: Kind, namespace: str | None, name: str, body: Body, *, force: bool = True) -> Body:
        """Server-side apply under our field manager."""
        return await self._call(request.apply(kind, kind.object(namespace, name), body, force=force))

    async def delete(
        self,
        kind: Kind,
        namespace: str | None,
        name: str,
        *,
        uid: str | None = None,
        resource_version: str | None = None,
        grace_seconds: int | None = None,
        propagation: str = "Background",
    ) -> Body:
        """Conflict if the object is not (any more) the one with this uid and resource version."""
        options = request.delete_options(
            uid=uid, resource_version=resource_version, grace_seconds=grace_seconds, propagation=propagation
        )
        return await self._call(request.delete(kind, kind.object(namespace, name), options))

    async def delete_collection(self, kind: Kind, namespace: str, label_selector: str, limit: int = 500) -> bool:
        """Deletes a slice, small enough to be done within the time of one write. True if matching objects are left."""
        answer = await self._call(request.delete_collection(kind, namespace, label_selector, limit))
        return bool(answer["metadata"].get("continue"))

    async def watch(
        self, scope: Scope, resource_version: str, *, seconds: int = 300, silence_seconds: float = 90
    ) -> AsyncGenerator[bytes]:
        """One undecoded event a line until the server ends the stream; Unavailable when it is cut or falls silent."""
        call, code = request.watch(scope, resource_version, seconds), 0
        try:
            async with self._wire.stream(call, silence_seconds=silence_seconds) as chunks:
                code, rest = 200, b""
                async for chunk in chunks:
                    *lines, rest = (rest + chunk).split(b"\n")
                    for line in lines:
                        yield line
        except KubeError as error:
            code = code or error.status
            raise
        finally:
            self._count(call.verb, call.kind.kind, code, None)

    async def _call(self, call: Request) -> Body:
        if call.writes:
            self._guard()
        code, begun = 0, time.perf_counter()
        try:
            answer = await self._wire.send(call, seconds=WRITE_SECONDS if call.writes else READ_SECONDS)
            code = answer.status
        finally:
            self._count(call.verb, call.kind.kind, code, time.perf_counter() - begun)
        if (error := answer.error(call)) is not None:
            raise error
        try:
            content: Any = orjson.loads(answer.body)
        except orjson.JSONDecodeError as error:
            raise Unavailable("the answer is not JSON", outcome_unknown=call.writes) from error
        return content  # type: ignore[no-any-return]
