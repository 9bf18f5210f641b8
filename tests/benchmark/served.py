"""The simulation's API server over HTTP, for an operator in a process of its own: what it asked for, and how much it was sent."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import orjson
from aiohttp import web

from batchyard.kube import kinds
from tests.simulation.api.call import Request
from tests.simulation.api.served import RESOURCES
from tests.simulation.api.server import ApiServer

VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]


class Served:
    """`writes` are moments and paths of what was written, but for the lease."""

    def __init__(self, api: ApiServer) -> None:
        self.lists = 0
        self.bytes_sent = 0
        self.writes: list[tuple[float, str]] = []
        self._api = api
        self._changed = asyncio.Event()
        self._application = web.Application()
        self._application.router.add_get("/{path:(api|apis|api/v1|apis/[^/]+/[^/]+)}", _discovery)
        self._application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(self._application, shutdown_timeout=0.1)

    async def start(self) -> str:
        """Its URL."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0]
        return f"http://{host}:{port}"

    async def end(self) -> None:
        await self._runner.cleanup()

    async def written(self, count: int, about: str) -> None:
        """Returns once there are so many writes to paths with that word in them."""
        while sum(about in path for _, path in self.writes) < count:
            await self._changed.wait()

    async def _answer(self, call: web.Request) -> web.StreamResponse:
        if "watch" in call.query:
            return await self._watch(call)
        body = await call.read() or None
        answer = self._api.handle(Request(call.method, call.path, call.query, body, call.content_type))
        if call.method == "GET":
            self.lists += answer.body["kind"].endswith("List")
        elif answer.code < 300 and kinds.LEASE.plural not in call.path:
            self.writes.append((time.monotonic(), call.path))
        self._changed.set()
        self._changed = asyncio.Event()
        self.bytes_sent += len(answer.content)
        return web.Response(status=answer.code, body=answer.content, content_type="application/json")

    async def _watch(self, call: web.Request) -> web.StreamResponse:
        stream, watch = web.StreamResponse(), self._api.watch(call.path, call.query)
        await stream.prepare(call)
        while not watch.ended:
            changed = self._changed
            for event in watch.events():
                line = orjson.dumps(event) + b"\n"
                self.bytes_sent += len(line)
                await stream.write(line)
            await changed.wait()
        return stream


async def _discovery(call: web.Request) -> web.Response:
    """What is served: Kopf asks for it before it watches."""
    served = [(each.kind, (each.kind.group, each.kind.version)) for each in RESOURCES]
    found: Any
    match call.path.strip("/").split("/"):
        case ["api"]:
            found = {"versions": ["v1"]}
        case ["apis"]:
            found = {"groups": [_group(*each) for each in sorted({place for _, place in served if place[0]})]}
        case [_, *group, version]:
            found = {"resources": [_resource(kind) for kind, place in served if place == ("".join(group), version)]}
        case _:
            raise web.HTTPNotFound
    return web.json_response(found)


def _group(name: str, version: str) -> dict[str, Any]:
    return {"name": name, "preferredVersion": {"version": version}, "versions": [{"version": version}]}


def _resource(kind: kinds.Kind) -> dict[str, Any]:
    return {"name": kind.plural, "kind": kind.kind, "singularName": kind.kind.lower(), "namespaced": kind.namespaced, "verbs": VERBS}  # fmt: skip
