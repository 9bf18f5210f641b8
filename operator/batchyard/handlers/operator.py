"""The operator's life: lease, work, Kopf; and its end when one of them ends. Wiring only."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal

import kopf

from batchyard import metrics
from batchyard.handlers import lag, probes, watches, work
from batchyard.kube import credentials
from batchyard.kube.client import Client
from batchyard.kube.http import Http
from batchyard.kube.lease import Elector
from batchyard.kube.tables import Table
from batchyard.settings import Settings


class Stopped(Exception):  # noqa: N818 - says what happened
    """We were asked to end."""


async def run(settings: Settings) -> None:
    """Returns after SIGTERM; raises when anything that must go on has ended."""
    health = probes.Health()
    site = await probes.serve(health, settings.health_port)
    access = credentials.load()
    async with Client(Http(access), count=metrics.count_request) as plain:
        elector = Elector(plain, settings.rules.namespace, settings.lease_name, settings.identity)
        try:
            with contextlib.suppress(Stopped):
                await _with_stop(_lead(settings, access, elector, health))
        finally:
            await elector.release()
            await site.cleanup()


async def _with_stop(life: asyncio.Future[None] | object) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(life, name="operator")  # type: ignore[arg-type]
            await stop.wait()
            raise Stopped  # noqa: TRY301 - ends the group
    except* Stopped:
        raise Stopped from None


async def _lead(settings: Settings, access: credentials.Credentials, elector: Elector, health: probes.Health) -> None:
    health.standby = lambda: elector.waits
    await elector.acquire()
    metrics.lead()
    async with (
        Client(Http(access), guard=elector.assert_held, count=metrics.count_request) as client,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(elector.keep(), name="lease")
        group.create_task(lag.measure(), name="lag")
        known = await work.begin(client, settings, health.reflectors, group)
        gc.collect()
        gc.freeze()
        group.create_task(_kopf(settings, known), name="kopf")
        health.ready = True


async def _kopf(settings: Settings, known: dict[str, Table]) -> None:
    await kopf.operator(
        registry=watches.registry(known),
        settings=watches.settings(),
        namespaces=settings.watch_namespaces,
        clusterwide=not settings.watch_namespaces,
        standalone=True,
    )
    raise Stopped  # Kopf takes the signals over and returns when one came; anything else it raises
