"""An API server in this process that can be told to misbehave. Knows objects, versions, pages, watches and preconditions."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Self

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

from batchyard.kube.credentials import Credentials
from tests.core.world import _merged

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ApiServer:
    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}  # by path
        self.requests: list[web.Request] = []
        self.bodies: list[Any] = []
        self.next: deque[Handler] = deque()  # answers to the next requests, instead of the regular ones
        self.page_size = 500
        self.muted = False
        self._version = 100
        self._forgotten = 0
        self._events: list[tuple[int, dict[str, Any]]] = []
        self._changed = asyncio.Event()
        self._streams: set[asyncio.Transport] = set()
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._serve)
        self._server = TestServer(application)

    async def __aenter__(self) -> Self:
        await self._server.start_server(shutdown_timeout=0.1)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cut()
        await self._server.close()

    @property
    def credentials(self) -> Credentials:
        return Credentials(str(self._server.make_url("")).rstrip("/"), None, lambda: {"Authorization": "Bearer me"})

    def calls(self, what: str) -> list[web.Request]:
        """The requests so far of that sort: list, watch or an HTTP method."""
        return [request for request in self.requests if what in (_sort(request), request.method)]

    def put(self, path: str, **content: Any) -> dict[str, Any]:
        """Makes or changes an object, as somebody else would."""
        known = self.objects.get(path)
        self._version += 1
        item = {**(known or {}), **content}
        item["metadata"] = {
            "namespace": "default",
            "uid": known["metadata"]["uid"] if known else f"uid-{self._version}",
            "creationTimestamp": "2026-01-01T00:00:00Z",
            **content.get("metadata", {}),
            "name": path.rsplit("/", 1)[1],
            "resourceVersion": str(self._version),
        }
        self.objects[path] = item
        self._emit("MODIFIED" if known else "ADDED", item)
        return item

    def drop(self, path: str) -> dict[str, Any]:
        self._version += 1
        item = self.objects.pop(path)
        self._emit("DELETED", {**item, "metadata": {**item["metadata"], "resourceVersion": str(self._version)}})
        return item

    def say(self, event: dict[str, Any]) -> None:
        """Sends any event to all watchers."""
        self._version += 1
        self._events.append((self._version, event))
        self._wake()

    def forget(self) -> None:
        """Compaction: nobody can take up a watch from before now."""
        self._events.clear()
        self._forgotten = self._version

    def cut(self) -> None:
        """All streams end in the middle of a chunk."""
        for transport in self._streams:
            transport.abort()
        self._streams.clear()

    async def regular(self, request: web.Request) -> web.StreamResponse:
        match _sort(request):
            case "watch":
                return await self._watch(request)
            case "list":
                return self._list(request)
            case "POST":
                return self._create(request.path, await request.json())
            case _:
                return await self._one(request)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        content = await request.read()
        self.bodies.append(orjson.loads(content) if content else None)
        handler = self.next.popleft() if self.next else self.regular
        return await handler(request)

    async def _one(self, request: web.Request) -> web.Response:
        path, body = request.path.removesuffix("/status"), orjson.loads(await request.read() or b"{}")
        if request.content_type == "application/apply-patch+yaml":
            return web.json_response(self.put(path, **body))
        if path not in self.objects:
            return status(404, "NotFound", name=path)
        match request.method:
            case "PATCH":
                return self._patch(path, body)
            case "DELETE":
                return self._delete(path, body)
            case _:
                return web.json_response(self.objects[path])

    def _create(self, collection: str, body: dict[str, Any]) -> web.Response:
        path = f"{collection}/{body['metadata']['name']}"
        if path in self.objects:
            return status(409, "AlreadyExists")
        return web.json_response(self.put(path, **body), status=201)

    def _patch(self, path: str, body: dict[str, Any]) -> web.Response:
        now, asked = self.objects[path]["metadata"], body.pop("metadata", {})
        if any(asked.get(each, now[each]) != now[each] for each in ("uid", "resourceVersion")):
            return status(409, "Conflict")
        merged = {key: _merged(self.objects[path].get(key), value) for key, value in body.items()}
        return web.json_response(self.put(path, **merged, metadata={**now, **asked}))

    def _delete(self, path: str, options: dict[str, Any]) -> web.Response:
        meta = self.objects[path]["metadata"]
        if options.get("preconditions", {}).get("uid", meta["uid"]) != meta["uid"]:
            return status(409, "Conflict")
        if meta.get("finalizers"):
            return web.json_response(self.put(path, metadata={**meta, "deletionTimestamp": "2026-01-01T00:00:00Z"}))
        self.drop(path)
        return web.json_response({"kind": "Status", "status": "Success"})

    def _list(self, request: web.Request) -> web.Response:
        start, version = (int(part) for part in request.query.get("continue", f"0/{self._version}").split("/"))
        if version < self._forgotten:
            return status(410, "Expired")
        items = [item for path, item in sorted(self.objects.items()) if path.startswith(request.path + "/")]
        end = start + self.page_size
        token = f"{end}/{version}" if end < len(items) else ""
        metadata = {"resourceVersion": str(version), "continue": token}
        return web.json_response({"metadata": metadata, "items": items[start:end]})

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        sent = int(request.query["resourceVersion"])
        if sent < self._forgotten:
            await response.write(_line({"type": "ERROR", "object": {"code": 410, "reason": "Expired"}}))
            return response
        assert isinstance(request.transport, asyncio.Transport)
        self._streams.add(request.transport)
        while True:
            changed = self._changed
            news = [] if self.muted else [event for version, event in self._events if version > sent]
            sent = self._version
            if news:
                await response.write(b"".join(_line(event) for event in news))
            await changed.wait()

    def _emit(self, kind: str, item: dict[str, Any]) -> None:
        self._events.append((self._version, {"type": kind, "object": item}))
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def status(code: int, reason: str = "", **details: Any) -> web.Response:
    """Kubernetes' way to say no."""
    body = {"kind": "Status", "code": code, "reason": reason, "message": reason, "details": details}
    return web.json_response(body, status=code)


def answering(response: Callable[[], web.Response]) -> Handler:
    async def answer(_: web.Request) -> web.StreamResponse:
        return response()

    return answer


async def hanging(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


def losing(handler: Handler) -> Handler:
    """Does what is asked, but the answer never arrives."""

    async def lose(request: web.Request) -> web.StreamResponse:
        await handler(request)
        assert isinstance(request.transport, asyncio.Transport)
        request.transport.abort()
        return web.Response()

    return lose


def _sort(request: web.Request) -> str:
    if request.method != "GET":
        return request.method
    if "watch" in request.query:
        return "watch"
    return "list" if request.path.rsplit("/", 1)[1].endswith("s") else "get"


def _line(event: dict[str, Any]) -> bytes:
    return orjson.dumps(event) + b"\n"
