from __future__ import annotations

import asyncio

import pytest

from batchyard.kube.bucket import Bucket, Tokens
from batchyard.kube.errors import Unavailable
from tests.kube.eventually import eventually


def test_burst_passes_and_then_the_pace_is_even() -> None:
    tokens = Tokens(per_second=10, burst=3, now=0)
    assert [tokens.take(0) for _ in range(3)] == [0, 0, 0]
    assert tokens.take(0) == pytest.approx(0.1)
    assert tokens.take(0.1) == 0
    assert tokens.take(0.15) == pytest.approx(0.05)


def test_rest_refills_no_more_than_the_burst() -> None:
    tokens = Tokens(per_second=10, burst=2, now=0)
    assert [tokens.take(100) == 0 for _ in range(3)] == [True, True, False]


def test_nobody_passes_during_a_pause_and_no_burst_follows_it() -> None:
    tokens = Tokens(per_second=10, burst=100, now=0)
    tokens.empty_until(5)
    assert tokens.take(1) == 4
    assert tokens.take(5) == pytest.approx(0.1)
    assert tokens.take(5.1) == 0
    assert tokens.take(5.1) > 0


def test_shorter_pause_does_not_end_a_longer_one() -> None:
    tokens = Tokens(per_second=10, burst=1, now=0)
    tokens.empty_until(5)
    tokens.empty_until(2)
    assert tokens.take(3) == 2


async def test_writes_in_flight_are_bounded() -> None:
    bucket = Bucket(per_second=1e6, burst=100, in_flight=2)
    inside, release = 0, asyncio.Event()

    async def write() -> None:
        nonlocal inside
        async with bucket:
            inside += 1
            await release.wait()

    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(write())
        await eventually("two writes are in flight", lambda: inside == 2)
        await asyncio.sleep(0)
        assert inside == 2
        release.set()
    assert inside == 5


async def test_retry_after_of_one_write_holds_back_all() -> None:
    now = 0.0
    bucket = Bucket(per_second=1000, burst=10, in_flight=4, now=lambda: now)
    with pytest.raises(Unavailable):
        async with bucket:
            raise Unavailable("too many requests", retry_after=0.02)
    passed = asyncio.create_task(_pass(bucket))
    done, _ = await asyncio.wait([passed], timeout=0.05)
    assert not done
    now = 1.0
    await asyncio.wait_for(passed, 1)


async def test_cancelled_waiter_gives_its_place_back() -> None:
    bucket = Bucket(per_second=0.001, burst=1, in_flight=1)
    await _pass(bucket)
    waiter = asyncio.create_task(_pass(bucket))
    await asyncio.sleep(0)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert not bucket._slots.locked()


async def _pass(bucket: Bucket) -> None:
    async with bucket:
        pass
