"""What a leading operator does, but for its lease and Kopf: lists, watches, loops. Wiring only."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from batchyard import metrics
from batchyard.api import names
from batchyard.handlers.loops import Loops
from batchyard.handlers.watches import SLOW_KINDS
from batchyard.kube import kinds
from batchyard.kube.backoff import Backoff
from batchyard.kube.bucket import Bucket
from batchyard.kube.client import Client
from batchyard.kube.clock import REAL, Clock
from batchyard.kube.errors import KubeError, Unavailable
from batchyard.kube.executor import Executor
from batchyard.kube.kinds import Kind, Scope
from batchyard.kube.reflector import Reflector, list_once
from batchyard.kube.store import Store
from batchyard.kube.tables import Table, tables
from batchyard.settings import Settings

log = logging.getLogger(__name__)

WRITES_PER_SECOND, WRITE_BURST, WRITES_IN_FLIGHT = 200, 400, 48
RESYNC_SECONDS = 300
# Pods before tasks: a task whose Pod we do not know of would get a second one (kopf-at-scale 7.5).
QUICK_KINDS = (kinds.POD, kinds.BATCH_JOB_NODE, kinds.BATCH_TASK)


async def begin(
    client: Client, settings: Settings, reflectors: list[Reflector], group: asyncio.TaskGroup, clock: Clock = REAL
) -> dict[str, Table]:
    """Everything is listed before anything is decided. Returns the tables that somebody must keep fed with the slow kinds."""
    loops = Loops(clock)
    metrics.show_queue(loops.waiting)
    store = Store(settings.rules, loops.wake, clock)
    known = tables(store)
    await _fill(client, settings, known, reflectors, group, clock)
    bucket = Bucket(per_second=WRITES_PER_SECOND, burst=WRITE_BURST, in_flight=WRITES_IN_FLIGHT, now=clock.monotonic)
    group.create_task(loops.run(store, Executor(client, known, bucket, clock)), name="loops")
    group.create_task(_resync(client, settings, known), name="resync")
    log.info(
        "%s leads: %d pools, %d jobs, %d tasks", settings.identity, len(store.pools), len(store.jobs), len(store.tasks)
    )
    return known


def scopes(kind: Kind, settings: Settings) -> list[Scope]:
    """A kind in all namespaces, or in each of those we serve; wipe Pods stand in our own."""
    selector = names.SELECTOR_OURS if kind in (kinds.POD, kinds.DAEMON_SET) else ""
    if not settings.watch_namespaces or not kind.namespaced:
        return [Scope(kind, label_selector=selector)]
    own = {settings.rules.namespace} if kind is kinds.POD else set()
    return [Scope(kind, namespace, selector) for namespace in sorted({*settings.watch_namespaces, *own})]


async def _fill(
    client: Client,
    settings: Settings,
    known: dict[str, Table],
    reflectors: list[Reflector],
    group: asyncio.TaskGroup,
    clock: Clock,
) -> None:
    for kind in QUICK_KINDS:
        of_kind: list[Reflector] = []
        for scope in scopes(kind, settings):
            metrics.begin_watch(kind.kind)
            reflector = Reflector(
                client, scope, known[kind.kind], relist_seconds=None, clock=clock, count=metrics.count_watch_restart
            )
            reflectors.append(reflector)
            of_kind.append(reflector)
            group.create_task(reflector.run(), name=f"reflector {kind.plural}")
            await reflector.synced.wait()
        metrics.show_watch(kind.kind, partial(_last_event, of_kind, clock))
    await _listed_slow(client, settings, known)


def _last_event(reflectors: list[Reflector], clock: Clock) -> float:
    """Of the one that has heard nothing for longest."""
    now = clock.monotonic()
    return clock.now() - max(each.last_event_age(now) for each in reflectors)


async def _listed_slow(client: Client, settings: Settings, known: dict[str, Table]) -> None:
    """However long it takes: an API server that is out of breath is no reason to end."""
    backoff = Backoff()
    while True:
        try:
            return await _list_slow(client, settings, known)
        except KubeError as error:
            seconds = backoff.failure(error.retry_after if isinstance(error, Unavailable) else None)
            log.warning("first lists: %s; again in %.1f s", error, seconds)
            await asyncio.sleep(seconds)


async def _list_slow(client: Client, settings: Settings, known: dict[str, Table]) -> None:
    for kind in SLOW_KINDS:
        for scope in scopes(kind, settings):
            await list_once(client, scope, known[kind.kind])
            metrics.note_event(kind.kind)


async def _resync(client: Client, settings: Settings, known: dict[str, Table]) -> None:
    """Kopf does not tell of objects that vanish while a watch is down: a list and a sweep find them."""
    while True:
        await asyncio.sleep(RESYNC_SECONDS)
        try:
            await _list_slow(client, settings, known)
        except KubeError as error:
            log.warning("resync put off: %s", error)
