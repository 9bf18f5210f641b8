from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from batchyard.kube.client import WRITE_SECONDS, Client
from batchyard.kube.lease import Elector, LeaseLost, Move, Record, Sighting, Timing, claim, decide
from tests.kube.api_server import ApiServer, answering, hanging, losing, status
from tests.kube.eventually import eventually

TIMING = Timing()
QUICK = Timing(duration=2, deadline=1.2, renew=0.1, request=0.4)
PATIENT = Timing(duration=60, deadline=40, renew=0.1, request=0.4)
"""Where a lease must not be lost although the machine does other work."""
LEASE_PATH = "/apis/coordination.k8s.io/v1/namespaces/system/leases/operator"

Make = Callable[..., Elector]

OTHER = Record(holder="other", duration=15, renewed="1")


@pytest.mark.parametrize(
    ("record", "unchanged_for", "expected"),
    [
        pytest.param(Record(), 0, Move.TAKE, id="nobody ever held it"),
        pytest.param(Record(transitions=4, renewed="9"), 0, Move.TAKE, id="it was released"),
        pytest.param(Record(holder="me"), 0, Move.RENEW, id="it is ours"),
        pytest.param(Record(holder="me"), 99, Move.RENEW, id="it is ours, however old"),
        pytest.param(OTHER, 0, Move.WAIT, id="another holds it"),
        pytest.param(OTHER, 14.9, Move.WAIT, id="another was quiet for almost too long"),
        pytest.param(OTHER, 15, Move.TAKE, id="another was quiet for too long"),
        pytest.param(
            Record(holder="other", duration=60), 30, Move.WAIT, id="another was promised more than we ask for"
        ),
        pytest.param(Record(holder="other", duration=1), 10, Move.WAIT, id="another was promised less than we grant"),
    ],
)
def test_decision(record: Record, unchanged_for: float, expected: Move) -> None:
    assert decide(Sighting(record, since=100), "me", 100 + unchanged_for, TIMING) is expected


def test_sign_of_life_starts_the_wait_anew() -> None:
    first = Sighting(OTHER, since=100)
    assert first.again(OTHER, now=110).since == 100
    renewed = Record(holder="other", duration=15, renewed="2")
    assert first.again(renewed, now=110).since == 110


def test_renewal_keeps_the_history() -> None:
    mine = Record("me", 15, acquired="then", renewed="then", transitions=3)
    assert claim(mine, "me", TIMING, "now") == Record("me", 15, acquired="then", renewed="now", transitions=3)


def test_takeover_is_a_transition() -> None:
    assert claim(OTHER, "me", TIMING, "now") == Record("me", 15, acquired="now", renewed="now", transitions=1)


def test_record_survives_the_way_to_the_server_and_back() -> None:
    record = Record("me", 15, acquired="2026-01-01T00:00:00.000000Z", renewed="2026-01-01T00:00:00.000000Z")
    assert Record.of({"spec": record.spec}) == record


def test_last_write_of_a_lost_lease_ends_before_another_may_act() -> None:
    assert TIMING.deadline + WRITE_SECONDS < TIMING.duration


@pytest.fixture
async def elector(client: Client) -> Make:
    return lambda identity, timing=PATIENT: Elector(client, "system", "operator", identity, timing=timing)


async def soon(work: Any) -> None:
    await asyncio.wait_for(work, 5)


async def test_absent_lease_is_made(server: ApiServer, elector: Make) -> None:
    me = elector("me")
    with pytest.raises(LeaseLost):
        me.assert_held()
    await soon(me.acquire())
    me.assert_held()
    assert server.objects[LEASE_PATH]["spec"]["holderIdentity"] == "me"


async def test_renewals_keep_the_lease(elector: Make) -> None:
    me = elector("me")
    await soon(me.acquire())
    first = me.valid_until
    keeper = asyncio.create_task(me.keep())
    await eventually("it is renewed again and again", lambda: me.valid_until > first + 5 * PATIENT.renew)
    assert me.held
    keeper.cancel()


async def test_validity_counts_from_the_start_of_the_renewal(elector: Make) -> None:
    me = elector("me")
    before = time.monotonic()
    await soon(me.acquire())
    assert before + PATIENT.deadline <= me.valid_until <= time.monotonic() + PATIENT.deadline


async def test_hanging_server_costs_the_lease_at_its_deadline(server: ApiServer, elector: Make) -> None:
    me = elector("me", QUICK)
    await soon(me.acquire())
    server.next.extend([hanging] * 100)
    with pytest.raises(LeaseLost):
        await soon(me.keep())
    assert time.monotonic() >= me.valid_until
    assert not me.held


async def test_short_trouble_costs_nothing(server: ApiServer, elector: Make) -> None:
    me = elector("me")
    await soon(me.acquire())
    first = me.valid_until
    server.next.extend([answering(lambda: status(503)), hanging, server.regular, losing(server.regular)])
    keeper = asyncio.create_task(me.keep())
    await eventually("it is renewed after all", lambda: me.valid_until > first)
    assert not server.next
    keeper.cancel()


async def test_lost_answer_to_the_claim_is_settled_by_the_next_look(server: ApiServer, elector: Make) -> None:
    server.next.extend([server.regular, losing(server.regular)])
    me = elector("me")
    await soon(me.acquire())
    assert server.objects[LEASE_PATH]["spec"]["leaseTransitions"] == 1
    assert me.held


async def test_takeover_by_another_ends_ours_at_once(server: ApiServer, elector: Make) -> None:
    me = elector("me")
    await soon(me.acquire())
    server.put(LEASE_PATH, spec=Record("other", 15, renewed="x").spec)
    with pytest.raises(LeaseLost):
        await soon(me.keep())
    assert not me.held


async def test_standby_waits_for_as_long_as_it_saw_no_change(server: ApiServer, elector: Make) -> None:
    long_ago = "2001-01-01T00:00:00.000000Z"
    server.put(LEASE_PATH, spec=Record("other", 1, renewed=long_ago).spec)
    started = time.monotonic()
    await soon(elector("me", QUICK).acquire())
    assert time.monotonic() - started >= QUICK.duration


async def test_released_lease_is_taken_at_once(elector: Make) -> None:
    first, second = elector("first"), elector("second")
    await soon(first.acquire())
    waiting = asyncio.create_task(second.acquire())
    await first.release()
    assert not first.held
    await soon(waiting)
    assert second.held


async def test_release_leaves_the_lease_of_another_alone(server: ApiServer, elector: Make) -> None:
    me = elector("me")
    await soon(me.acquire())
    server.put(LEASE_PATH, spec=OTHER.spec)
    await me.release()
    assert server.objects[LEASE_PATH]["spec"]["holderIdentity"] == "other"


async def test_two_electors_never_hold_at_the_same_time(elector: Make) -> None:
    electors = [elector(f"e{number}", QUICK) for number in range(3)]
    held_together = 0

    async def live(me: Elector) -> None:
        await me.acquire()
        keeper = asyncio.create_task(me.keep())
        await asyncio.sleep(0.2)
        keeper.cancel()
        await asyncio.wait([keeper])  # dies without releasing

    async def watch() -> None:
        nonlocal held_together
        while True:
            held_together = max(held_together, sum(one.held for one in electors))
            await asyncio.sleep(0.005)

    observer = asyncio.create_task(watch())
    await asyncio.wait_for(asyncio.gather(*(live(one) for one in electors)), 60)
    observer.cancel()
    assert held_together == 1
