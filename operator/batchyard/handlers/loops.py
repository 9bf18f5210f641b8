"""One loop for each pool that has work: look, plan, apply, look again. The only concurrency between pools, none within one.

Holds the program's only `except Exception`: a part of a plan that fails is left out, told and tried again later.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from typing_extensions import override

from batchyard import metrics
from batchyard.core.actions import Plan
from batchyard.core.numbers import numbers
from batchyard.core.plan import About, plan
from batchyard.core.quarantine import leave_alone, plan_broken
from batchyard.kube.clock import REAL, Clock
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


@dataclass(frozen=True, slots=True)
class _Pause:
    until: float
    seconds: float


class Quarantine:
    """Lets every part of a plan fail alone, and keeps one that fails out for longer each time."""

    def __init__(self, now: Callable[[], float] = REAL.now) -> None:
        self._now = now
        self._pauses: dict[About, _Pause] = {}
        self._asked: set[About] = set()

    def __call__(self, about: About, part: Callable[[], T]) -> T | None:
        self._asked.add(about)
        pause = self._pauses.get(about)
        if pause is not None and self._now() < pause.until:
            return None
        try:
            result = part()
        except Exception:
            seconds = min(2 * pause.seconds, LONGEST_RETRY_SECONDS) if pause is not None else FIRST_RETRY_SECONDS
            said = {"kind": about.kind, "namespace": about.namespace, "object": about.name, "pool": about.pool}
            log.exception("%s cannot be planned for; left out for %.0f s", about, seconds, extra=said)
            metrics.count_quarantined()
            self._pauses[about] = _Pause(self._now() + seconds, seconds)
            return None
        self._pauses.pop(about, None)
        return result

    def next_try(self) -> float | None:
        """To be asked after a pass. A part that the pass did not ask for is about something that is gone: forgotten."""
        self._pauses = {about: pause for about, pause in self._pauses.items() if about in self._asked}
        self._asked.clear()
        return min((pause.until for pause in self._pauses.values()), default=None)


class _Bell(asyncio.Event):
    """Rung when there is news of a pool, until a pass looks at it."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        super().__init__()
        self._monotonic = monotonic
        self.rung_at: float | None = None

    @override
    def set(self) -> None:
        if self.rung_at is None:
            self.rung_at = self._monotonic()
            super().set()

    @override
    def clear(self) -> None:
        self.rung_at = None
        super().clear()


class Loops:
    """`wake` may be called from anywhere on the event loop, also before `run`."""

    def __init__(self, clock: Clock = REAL) -> None:
        self._now, self._monotonic = clock.now, clock.monotonic
        self._bells: dict[Key, _Bell] = {}
        self._new: asyncio.Queue[Key] = asyncio.Queue()

    def wake(self, key: Key) -> None:
        if key not in self._bells:
            self._bells[key] = _Bell(self._monotonic)
            self._new.put_nowait(key)
        self._bells[key].set()

    def waiting(self) -> list[float]:
        """For how many seconds pools have had news that no pass has looked at. May be called from any thread."""
        now = self._monotonic()
        return [now - rung_at for bell in [*self._bells.values()] if (rung_at := bell.rung_at) is not None]

    async def run(self, store: Store, executor: Executor) -> None:
        """Raises what the loops raise: a bug, or the lease lost."""
        async with asyncio.TaskGroup() as group:
            while True:
                key = await self._new.get()
                group.create_task(self._pool(key, store, executor), name=f"pool {key[0]}/{key[1]}")

    async def _pool(self, key: Key, store: Store, executor: Executor) -> None:
        """Ends when nothing is left to look at; the next one that concerns the pool begins a new loop."""
        bell, guard = self._bells[key], Quarantine(self._now)
        wake_at: float | None = None
        while True:
            await self._rung(bell, wake_at)
            await asyncio.sleep(GATHER_SECONDS)
            bell.clear()
            wake_at = await reconcile(key, store, executor, guard, self._now)
            if wake_at is None and not bell.is_set() and not store.knows(key):
                del self._bells[key]
                store.forget(key)
                return

    async def _rung(self, bell: _Bell, wake_at: float | None) -> None:
        seconds = FULL_PASS_SECONDS if wake_at is None else min(FULL_PASS_SECONDS, max(0.0, wake_at - self._now()))
        try:
            async with asyncio.timeout(seconds):
                await bell.wait()
        except TimeoutError:
            pass


async def reconcile(
    key: Key, store: Store, executor: Executor, guard: Quarantine, now: Callable[[], float] = REAL.now
) -> float | None:
    """One pass. Returns when to look again at the latest, in epoch seconds."""
    started = time.perf_counter()
    # Guarded as a whole too: what fails before its parts are told apart must not end the operator for other pools.
    todo = guard(About("everything in", "BatchPool", *key, key[1]), lambda: _plan(key, store, guard, now())) or Plan()
    seconds = time.perf_counter() - started
    metrics.count_pass(seconds, [type(action).__name__ for action in todo.actions])
    if log.isEnabledFor(logging.DEBUG):
        said = {"namespace": key[0], "pool": key[1], "duration": round(seconds, 6)}
        log.debug("pass over %s/%s: %d writes", *key, len(todo.actions), extra=said)
    outcome = await executor.apply(todo, key[1])
    metrics.count_happenings(*key, outcome.happened)
    metrics.count_conflicts(outcome.conflicts)
    store.note_troubles(key, outcome.troubles)
    moments = [m for m in (todo.wake_at, outcome.retry_at, guard.next_try()) if m is not None]
    return min(moments, default=None)


def _plan(key: Key, store: Store, guard: Quarantine, now: float) -> Plan:
    namespace, pool = key
    if not pool:
        return Plan(tuple(plan_broken(store.broken_in(namespace), now=now)))
    if ("BatchPool", namespace, pool) in store.broken:
        return Plan()
    seen = snapshot(store, key, now)
    metrics.tell_pool(namespace, pool, numbers(seen))
    return leave_alone(plan(seen, guard), store.broken_in(namespace))
