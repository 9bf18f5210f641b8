"""The one door to the API server: generic calls on any kind, over aiohttp. Decides nothing, retries nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson

from batchyard.kube import request
from batchyard.kube.credentials import Credentials
from batchyard.kube.errors import Unavailable, from_response
from batchyard.kube.kinds import Kind, Scope
from batchyard.kube.request import Body, Request

Guard = Callable[[], None]
Count = Callable[[str, str, int], None]

CONNECT_SECONDS = 5
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
    """To be made inside the running loop. `guard` may veto a write by raising; `count` hears verb, kind and HTTP code."""

    def __init__(
        self,
        credentials: Credentials,
        guard: Guard = lambda: None,
        count: Count = lambda _verb, _kind, _code: None,
    ) -> None:
        self._credentials = credentials
        self._guard = guard
        self._count = count
        self._session = _session(credentials, connections=64)
        self._streams = _session(credentials, connections=0)  # unbounded: a watch must not take a place from the calls

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._streams.close()
        await self._session.close()

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

    async def json_patch(
        self, kind: Kind, namespace: str | None, name: str, operations: Sequence[Body], subresource: str = ""
    ) -> Body:
        path = kind.object(namespace, name, subresource)
        return await self._call(request.patch(kind, path, operations, request.JSON_PATCH))

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
        call = request.watch(scope, resource_version, seconds)
        timeout = aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS, sock_read=silence_seconds)
        async with self._answer(call, timeout) as response:
            rest = b""
            # Not the reader's own lines: they are limited to 128 KB, objects are not.
            async for chunk in response.content.iter_any():
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    yield line

    async def _call(self, call: Request) -> Body:
        timeout = aiohttp.ClientTimeout(
            sock_connect=CONNECT_SECONDS, total=WRITE_SECONDS if call.writes else READ_SECONDS
        )
        async with self._answer(call, timeout) as response:
            content = await response.read()
            try:
                answer: Any = orjson.loads(content)
            except orjson.JSONDecodeError as error:
                raise Unavailable("the answer is not JSON", outcome_unknown=call.writes) from error
            return answer  # type: ignore[no-any-return]

    def _headers(self, call: Request) -> dict[str, str]:
        # Not compressed: the API server is near, its time and ours are dear.
        headers = {"Content-Type": call.content_type, "Accept": request.JSON, "Accept-Encoding": "identity"}
        return headers | self._credentials.headers()

    @asynccontextmanager
    async def _answer(self, call: Request, limits: aiohttp.ClientTimeout) -> AsyncIterator[aiohttp.ClientResponse]:
        """Sends the call; whatever goes wrong until its answer is consumed leaves here as a KubeError."""
        if call.writes:
            self._guard()
        session = self._streams if call.verb == "watch" else self._session
        headers = self._headers(call)
        code = 0
        try:
            async with session.request(
                call.method,
                self._credentials.server + call.path,
                params=call.params,
                data=call.body,
                headers=headers,
                timeout=limits,
                allow_redirects=False,
                server_hostname=self._credentials.server_name,
            ) as response:
                code = response.status
                if code >= 300:
                    raise await _error(call, response)
                yield response
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise _lost(call, error) from error
        finally:
            self._count(call.verb, call.kind.kind, code)


def _session(credentials: Credentials, connections: int) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=connections, ssl=credentials.ssl_context or True)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


async def _error(call: Request, response: aiohttp.ClientResponse) -> Exception:
    after = response.headers.get("Retry-After", "")
    return from_response(
        response.status,
        await response.read(),
        write=call.writes,
        retry_after=float(after) if after.isdecimal() else None,
    )


def _lost(call: Request, error: Exception) -> Unavailable:
    never_sent = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    return Unavailable(
        f"{call.verb} {call.path}: {str(error) or type(error).__name__}", outcome_unknown=call.writes and not never_sent
    )
