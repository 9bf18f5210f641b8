"""The operator's life: lease, lists, watches, loops; and its end when one of them ends. Wiring only."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal

import kopf

from batchyard import metrics
from batchyard.api import names
from batchyard.handlers import probes, watches
from batchyard.handlers.loops import Loops
from batchyard.kube import credentials, kinds
from batchyard.kube.bucket import Bucket
from batchyard.kube.client import Client
from batchyard.kube.errors import KubeError
from batchyard.kube.executor import Executor
from batchyard.kube.http import Http
from batchyard.kube.kinds import Kind, Scope
from batchyard.kube.lease import Elector
from batchyard.kube.reflector import Reflector, list_once
from batchyard.kube.store import Store
from batchyard.kube.tables import Table, tables
from batchyard.settings import Settings

log = logging.getLogger(__name__)

WRITES_PER_SECOND, WRITE_BURST, WRITES_IN_FLIGHT = 200, 400, 48
RESYNC_SECONDS = 300
# Pods before tasks: a task whose Pod we do not know of would get a second one (kopf-at-scale 7.5).
QUICK_KINDS = (kinds.POD, kinds.BATCH_JOB_NODE, kinds.BATCH_TASK)
OURS_ONLY = f"{names.LABEL_MANAGED_BY}={names.MANAGED_BY}"


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


async def _with_stop(work: asyncio.Future[None] | object) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(work, name="operator")  # type: ignore[arg-type]
            await stop.wait()
            raise Stopped  # noqa: TRY301 - ends the group
    except* Stopped:
        raise Stopped from None


async def _lead(settings: Settings, access: credentials.Credentials, elector: Elector, health: probes.Health) -> None:
    await elector.acquire()
    async with (
        Client(Http(access), guard=elector.assert_held, count=metrics.count_request) as client,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(elector.keep(), name="lease")
        loops = Loops()
        store = Store(settings.rules, loops.wake)
        known = tables(store)
        await _fill(client, settings, known, health, group)
        gc.collect()
        gc.freeze()
        bucket = Bucket(per_second=WRITES_PER_SECOND, burst=WRITE_BURST, in_flight=WRITES_IN_FLIGHT)
        group.create_task(loops.run(store, Executor(client, known, bucket)), name="loops")
        group.create_task(_resync(client, settings, known), name="resync")
        group.create_task(_kopf(settings, known), name="kopf")
        health.ready = True
        log.info(
            "%s leads: %d pools, %d jobs, %d tasks",
            settings.identity,
            len(store.pools),
            len(store.jobs),
            len(store.tasks),
        )


def _scopes(kind: Kind, settings: Settings) -> list[Scope]:
    """A kind in all namespaces, or in each of those we serve; wipe Pods stand in our own."""
    selector = OURS_ONLY if kind in (kinds.POD, kinds.DAEMON_SET) else ""
    if not settings.watch_namespaces or not kind.namespaced:
        return [Scope(kind, label_selector=selector)]
    own = {settings.rules.namespace} if kind is kinds.POD else set()
    return [Scope(kind, namespace, selector) for namespace in sorted({*settings.watch_namespaces, *own})]


async def _fill(
    client: Client, settings: Settings, known: dict[str, Table], health: probes.Health, group: asyncio.TaskGroup
) -> None:
    """Everything is listed before anything is decided."""
    for kind in QUICK_KINDS:
        for scope in _scopes(kind, settings):
            reflector = Reflector(client, scope, known[kind.kind], relist_seconds=None)
            health.reflectors.append(reflector)
            group.create_task(reflector.run(), name=f"reflector {kind.plural}")
            await reflector.synced.wait()
    await _list_slow(client, settings, known)


async def _list_slow(client: Client, settings: Settings, known: dict[str, Table]) -> None:
    for kind in watches.SLOW_KINDS:
        for scope in _scopes(kind, settings):
            await list_once(client, scope, known[kind.kind])


async def _resync(client: Client, settings: Settings, known: dict[str, Table]) -> None:
    """Kopf does not tell of objects that vanish while a watch is down: a list and a sweep find them."""
    while True:
        await asyncio.sleep(RESYNC_SECONDS)
        try:
            await _list_slow(client, settings, known)
        except KubeError as error:
            log.warning("resync put off: %s", error)


async def _kopf(settings: Settings, known: dict[str, Table]) -> None:
    await kopf.operator(
        registry=watches.registry(known),
        settings=watches.settings(),
        namespaces=settings.watch_namespaces,
        clusterwide=not settings.watch_namespaces,
        standalone=True,
    )
    raise Stopped  # Kopf takes the signals over and returns when one came; anything else it raises
