"""Answers to the kubelet: alive while the streams speak, ready once everything has been listed. No data leaves here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from aiohttp import web

from batchyard.kube.reflector import Reflector

SILENT_SECONDS = 150


@dataclass
class Health:
    """A standby is ready: it does what it is for. One that has the lease is, once everything has been listed."""

    reflectors: list[Reflector] = field(default_factory=list)
    ready: bool = False
    standby: Callable[[], bool] = lambda: False

    def silent(self) -> Iterable[str]:
        now = time.monotonic()
        return (r.scope.kind.plural for r in self.reflectors if r.last_event_age(now) > SILENT_SECONDS)


async def serve(health: Health, port: int) -> web.AppRunner:
    async def healthz(_: web.Request) -> web.Response:
        silent = sorted(health.silent())
        return web.Response(status=503, text=f"silent: {', '.join(silent)}") if silent else web.Response(text="ok")

    async def readyz(_: web.Request) -> web.Response:
        return (
            web.Response(text="ok") if health.ready or health.standby() else web.Response(status=503, text="not ready")
        )

    app = web.Application()
    app.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, port=port).start()
    return runner
