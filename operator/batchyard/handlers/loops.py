"""One loop for each pool that has work: look, plan, apply, look again. The only concurrency between pools, none within one.

Holds the program's only `except Exception`: a part of a plan that fails is left out, told and tried again later.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TypeVar

from batchyard import metrics
from batchyard.core.actions import Plan
from batchyard.core.plan import plan
from batchyard.core.quarantine import plan_broken
from batchyard.kube.concerns import Key
from batchyard.kube.executor import Executor
from batchyard.kube.snapshots import snapshot
from batchyard.kube.store import Store

log = logging.getLogger(__name__)
T = TypeVar("T")

GATHER_SECONDS = 0.01
"""Events come in swarms; a pass waits this long for the rest of one."""
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 1.0, 300.0
FULL_PASS_SECONDS = 300
"""A pass that nothing asked for, as a safety net."""


class Quarantine:
    """Lets every part of a plan fail alone, and keeps one that fails out for longer each time."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._until: dict[str, tuple[float, float]] = {}

    def __call__(self, about: str, part: Callable[[], T]) -> T | None:
        until, pause = self._until.get(about, (0.0, FIRST_RETRY_SECONDS))
        if self._now() < until:
            return None
        try:
            result = part()
        except Exception:
            log.exception("%s cannot be planned for; left out for %.0f s", about, pause)
            metrics.count_quarantined()
            self._until[about] = self._now() + pause, min(2 * pause, LONGEST_RETRY_SECONDS)
            return None
        self._until.pop(about, None)
        return result

    def next_try(self) -> float | None:
        return min((until for until, _ in self._until.values()), default=None)


class Loops:
    """`wake` may be called from anywhere on the event loop, also before `run`."""

    def __init__(self) -> None:
        self._bells: dict[Key, asyncio.Event] = {}
        self._new: asyncio.Queue[Key] = asyncio.Queue()

    def wake(self, key: Key) -> None:
        if key not in self._bells:
            self._bells[key] = asyncio.Event()
            self._new.put_nowait(key)
        self._bells[key].set()

    async def run(self, store: Store, executor: Executor) -> None:
        """Raises what the loops raise: a bug, or the lease lost."""
        async with asyncio.TaskGroup() as group:
            while True:
                key = await self._new.get()
                group.create_task(self._pool(key, store, executor), name=f"pool {key[0]}/{key[1]}")

    async def _pool(self, key: Key, store: Store, executor: Executor) -> None:
        bell, guard = self._bells[key], Quarantine()
        wake_at: float | None = None
        while True:
            await _rung(bell, wake_at)
            await asyncio.sleep(GATHER_SECONDS)
            bell.clear()
            wake_at = await reconcile(key, store, executor, guard)


async def _rung(bell: asyncio.Event, wake_at: float | None) -> None:
    seconds = FULL_PASS_SECONDS if wake_at is None else min(FULL_PASS_SECONDS, max(0.0, wake_at - time.time()))
    try:
        async with asyncio.timeout(seconds):
            await bell.wait()
    except TimeoutError:
        pass


async def reconcile(key: Key, store: Store, executor: Executor, guard: Quarantine) -> float | None:
    """One pass. Returns when to look again at the latest, in epoch seconds."""
    started = time.perf_counter()
    todo = _plan(key, store, guard)
    metrics.count_pass(time.perf_counter() - started, [type(action).__name__ for action in todo.actions])
    outcome = await executor.apply(todo)
    store.note_troubles(key, outcome.troubles)
    moments = [m for m in (todo.wake_at, outcome.retry_at, guard.next_try()) if m is not None]
    return min(moments, default=None)


def _plan(key: Key, store: Store, guard: Quarantine) -> Plan:
    namespace, pool = key
    now = time.time()
    if not pool:
        return Plan(tuple(plan_broken(store.broken_in(namespace), now=now)))
    if ("BatchPool", namespace, pool) in store.broken:
        return Plan()
    return plan(snapshot(store, key, now), guard)
