from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from prometheus_client import REGISTRY

from batchyard.api import names
from batchyard.core.plan import About
from batchyard.core.quarantine import Broken
from batchyard.handlers.loops import FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS, Loops, Quarantine, reconcile
from batchyard.kube import clock as kube_clock
from batchyard.kube import kinds
from batchyard.kube.bucket import Bucket
from batchyard.kube.client import Client
from batchyard.kube.executor import Executor
from batchyard.kube.http import Http
from batchyard.kube.lease import LeaseLost
from batchyard.kube.store import Store
from batchyard.kube.tables import tables
from batchyard.logs import Json
from tests import build
from tests.kube.api_server import ApiServer
from tests.kube.eventually import eventually
from tests.kube.known import SAMPLE

POOL = kinds.BATCH_POOL.object(build.NAMESPACE, "sample")
JOB = kinds.BATCH_JOB.object(build.NAMESPACE, "demo")
OTHER = kinds.BATCH_POOL.object(build.NAMESPACE, "other")


# Quarantine.


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def fails() -> None:
    raise ZeroDivisionError


def job(name: str) -> About:
    return About("job", "BatchJob", "team", name, "render")


def test_part_that_fails_is_left_out_and_the_others_go_on() -> None:
    guard = Quarantine()
    assert [guard(job("a"), lambda: 1), guard(job("b"), fails), guard(job("c"), lambda: 3)] == [1, None, 3]


def test_the_log_names_the_part_and_its_object(caplog: pytest.LogCaptureFixture) -> None:
    Quarantine()(job("demo"), fails)
    [record] = caplog.records
    assert record.getMessage().startswith("job team/demo cannot be planned for; ")
    line = json.loads(Json().format(record))
    about = {"kind": "BatchJob", "namespace": "team", "object": "demo", "pool": "render"}
    assert line.items() >= about.items()
    assert "ZeroDivisionError" in line["error"]


def test_pause_doubles_with_each_failure_up_to_a_bound() -> None:
    clock = Clock()
    guard = Quarantine(clock)
    pauses = []
    for _ in range(12):
        guard(job("a"), fails)
        until = guard.next_try()
        assert until is not None
        pauses.append(until - clock.now)
        clock.now = until
    assert pauses[:4] == [FIRST_RETRY_SECONDS, 2, 4, 8]
    assert pauses[-1] == LONGEST_RETRY_SECONDS


def test_part_is_not_tried_before_its_pause_is_over() -> None:
    clock, tries = Clock(), list[float]()

    def part() -> None:
        tries.append(clock.now)
        fails()

    guard = Quarantine(clock)
    for _ in range(40):
        guard(job("a"), part)
        clock.now += 0.1
    assert tries == pytest.approx([1000, 1001, 1003], abs=0.11)


def test_success_starts_over() -> None:
    clock = Clock()
    guard = Quarantine(clock)
    guard(job("a"), fails)
    clock.now += FIRST_RETRY_SECONDS
    assert guard(job("a"), lambda: 1) == 1
    assert guard.next_try() is None
    guard(job("a"), fails)
    assert guard.next_try() == clock.now + FIRST_RETRY_SECONDS


def test_part_that_no_pass_asks_for_any_more_is_forgotten() -> None:
    """Or the moment of its next try would lie in the past for ever, and the loop never rest."""
    clock = Clock()
    guard = Quarantine(clock)
    guard(job("gone"), fails)
    guard.next_try()
    clock.now += 60
    guard(job("there"), lambda: 1)
    assert guard.next_try() is None


# Loops.


class Running:
    """Loops, store and executor before a server; `tell` is what a watch would do."""

    def __init__(self, client: Client) -> None:
        self.loops = Loops()
        self.store = Store(build.RULES, self.loops.wake)
        self.tables = tables(self.store)
        self.executor = Executor(client, self.tables, Bucket(per_second=1e6, burst=1000, in_flight=8))

    def tell(self, kind: str, item: dict[str, Any]) -> None:
        self.tables[kind].upsert(item)

    async def run(self) -> None:
        await self.loops.run(self.store, self.executor)


@asynccontextmanager
async def running(client: Client) -> AsyncIterator[Running]:
    it = Running(client)
    task = asyncio.create_task(it.run())
    try:
        yield it
    finally:
        task.cancel()
        await asyncio.wait([task])


def there(server: ApiServer, path: str = POOL, **metadata: Any) -> dict[str, Any]:
    spec = {"targetDedicatedNodes": 0, "containerSettings": {"imageName": build.IMAGE}}
    meta = {"namespace": build.NAMESPACE, "generation": 1, **metadata}
    return server.put(path, spec=spec, metadata=meta)


def held(server: ApiServer, path: str = POOL) -> bool:
    return names.FINALIZER in server.objects[path]["metadata"].get("finalizers", [])


async def test_object_that_changes_leads_to_a_pass_over_its_pool(server: ApiServer, client: Client) -> None:
    async with running(client) as it:
        it.tell("BatchPool", there(server))
        await eventually("the pool is held and its status written", lambda: held(server) and server.objects[POOL].get("status"))  # fmt: skip


async def test_quiet_world_is_left_alone(server: ApiServer, client: Client) -> None:
    it = Running(client)
    it.tell("BatchPool", there(server))
    for _ in range(5):
        await reconcile(SAMPLE, it.store, it.executor, Quarantine())
    settled = len(server.requests)
    assert settled
    await reconcile(SAMPLE, it.store, it.executor, Quarantine())
    assert len(server.requests) == settled


async def test_what_a_pass_has_written_is_counted_once_and_not_again_by_the_next_operator(
    server: ApiServer, client: Client
) -> None:
    """A job that ends; the second operator finds it ended."""
    meta = {"namespace": build.NAMESPACE, "generation": 1, "creationTimestamp": "2026-01-01T00:00:00Z"}
    server.put(JOB, spec={"poolInfo": {"poolId": "sample"}, "desiredState": "terminated"}, metadata=meta)
    labels = {"namespace": build.NAMESPACE, "pool": "sample", "result": "success"}
    before = REGISTRY.get_sample_value("batchyard_jobs_finished_total", labels) or 0
    for _ in range(2):
        it = Running(client)
        for _ in range(6):
            it.tell("BatchPool", server.objects.get(POOL) or there(server))
            it.tell("BatchJob", server.objects[JOB])
            await reconcile(SAMPLE, it.store, it.executor, Quarantine())
        assert server.objects[JOB]["status"]["state"] == "completed"
        assert REGISTRY.get_sample_value("batchyard_jobs_finished_total", labels) == before + 1


async def test_wake_before_the_start_is_not_lost(server: ApiServer, client: Client) -> None:
    it = Running(client)
    it.tell("BatchPool", there(server))
    task = asyncio.create_task(it.run())
    await eventually("the pool is held", lambda: held(server))
    task.cancel()
    await asyncio.wait([task])


def test_a_pool_waits_from_its_first_news() -> None:
    moment = [100.0]
    loops = Loops(kube_clock.Clock(monotonic=lambda: moment[0]))
    loops.wake(SAMPLE)
    moment[0] += 5
    loops.wake(SAMPLE)
    loops.wake((build.NAMESPACE, "other"))
    moment[0] += 2
    assert loops.waiting() == [7, 2]


async def test_a_pool_waits_until_a_pass_looks_and_not_for_one_that_looked_before(
    server: ApiServer, client: Client
) -> None:
    stuck, release = asyncio.Event(), asyncio.Event()

    async def slow(request: Any) -> Any:
        stuck.set()
        await release.wait()
        return await server.regular(request)

    server.next.append(slow)
    async with running(client) as it:
        it.tell("BatchPool", there(server))
        await asyncio.wait_for(stuck.wait(), 5)
        assert it.loops.waiting() == []
        it.loops.wake(SAMPLE)
        assert len(it.loops.waiting()) == 1
        release.set()
        await eventually("a pass has looked", lambda: it.loops.waiting() == [])


async def test_pools_do_not_wait_for_each_other(server: ApiServer, client: Client) -> None:
    stuck, release = asyncio.Event(), asyncio.Event()

    async def slow(request: Any) -> Any:
        stuck.set()
        await release.wait()
        return await server.regular(request)

    server.next.append(slow)
    async with running(client) as it:
        it.tell("BatchPool", there(server))
        await asyncio.wait_for(stuck.wait(), 5)
        it.tell("BatchPool", there(server, OTHER))
        await eventually("the other pool is held", lambda: held(server, OTHER))
        assert not held(server)
        release.set()
        await eventually("then the first one is", lambda: held(server))


async def test_loop_ends_with_its_pool_and_begins_anew_with_the_next(server: ApiServer, client: Client) -> None:
    async with running(client) as it:
        it.tell("BatchPool", item := there(server))
        await eventually("the pool is held", lambda: held(server))
        it.tables["BatchPool"].remove(*SAMPLE, item["metadata"]["uid"])
        await eventually("no loop is left", lambda: not it.loops._bells)
        server.drop(POOL)
        it.tell("BatchPool", there(server))
        await eventually("the new pool is held", lambda: held(server))


async def test_object_that_cannot_be_read_is_told_so_and_nothing_is_decided_for_it(
    server: ApiServer, client: Client
) -> None:
    bad = server.put(POOL, spec={"targetDedicatedNodes": "many"}, metadata={"namespace": build.NAMESPACE})
    async with running(client) as it:
        it.tell("BatchPool", bad)
        await eventually("it is told", lambda: server.objects[POOL].get("status"))
        it.loops.wake(SAMPLE)
        it.tell("BatchPool", there(server, OTHER))
        await eventually("its neighbour goes on", lambda: held(server, OTHER))
    (condition,) = server.objects[POOL]["status"]["conditions"]
    assert (condition["type"], condition["reason"]) == ("Stalled", "InvalidObject")
    assert not held(server)


async def test_bug_that_no_part_of_the_plan_contains_leaves_one_pool_out(server: ApiServer, client: Client) -> None:
    async with running(client) as it:
        it.store.members_of[SAMPLE]["node1"] = Broken  # type: ignore[assignment]  # facts that no rule expects
        it.tell("BatchPool", there(server))
        it.tell("BatchPool", there(server, OTHER))
        await eventually("the other pool is held", lambda: held(server, OTHER))
        assert not held(server)
        del it.store.members_of[SAMPLE]["node1"]
        await eventually("it is tried again, though nothing wakes it", lambda: held(server))


async def test_lost_lease_ends_the_loops(server: ApiServer) -> None:
    def lost() -> None:
        raise LeaseLost("no more")

    async with Client(Http(server.credentials), guard=lost) as client:
        it = Running(client)
        it.tell("BatchPool", there(server))
        with pytest.raises(ExceptionGroup) as caught:
            await asyncio.wait_for(it.run(), 5)
    assert caught.group_contains(LeaseLost)
