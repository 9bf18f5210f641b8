"""Beside whatever somebody has put there, or made of what is ours, the operator goes on, comes to rest and says what is wrong with it."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from random import Random

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from typing_extensions import override

from batchyard.core.snapshot import Rules
from batchyard.kube import kinds
from batchyard.kube.executor import REFUSED_SECONDS
from batchyard.kube.request import MERGE_PATCH
from batchyard.kube.store import Store
from batchyard.kube.tables import tables
from tests.simulation import virtual_time
from tests.simulation.api.call import Body, Request
from tests.simulation.api.custom import custom_resources
from tests.simulation.hostile import STRANGER, of_ours, pod_of_nobody, pod_status, spoiled, status
from tests.simulation.simulation import QUIET_SECONDS, Result, Simulation
from tests.simulation.tape import Tape
from tests.simulation.user import NAMESPACE, Never, User
from tests.simulation.virtual_time import VirtualLoop
from tests.simulation.weather import Fair
from tests.simulation.workloads import STEPS, inline

PATIENCE = 120.0
OURS = {each.kind.kind: each for each in custom_resources()}


@dataclass
class Life:
    chance: Random | None
    took: float = 0.0

    async def script(self, writes: list[str], user: User) -> None:
        """`writes` are all that the operator has tried."""
        loop = asyncio.get_running_loop()
        user.pool(taskSlotsPerNode=8)
        await user.until("the pool serves", lambda: len(user.all(kinds.BATCH_NODE)) == 2)
        async with asyncio.TaskGroup() as strangers:
            if self.chance is not None:
                plant(self.chance, user)
                strangers.create_task(meddle(self.chance, user))
            began = loop.time()
            user.job(**STEPS, tasks=inline("work 3", "work 3", "work 3", "work 3"))
            await user.until_succeeded(of=4)
            user.delete(kinds.BATCH_JOB, "demo")
            await user.until_gone(kinds.BATCH_JOB, "demo")
            self.took = loop.time() - began
        await user.until("all is said", lambda: not untold(user), PATIENCE)
        await rest(writes, user)


async def rest(writes: list[str], user: User) -> None:
    """L1; but what the API server refuses is tried again every now and then: of what it waits for nobody tells."""
    for _ in range(12):
        before, tried = user.hub.api.version, len(writes)
        await asyncio.sleep(QUIET_SECONDS)
        if user.hub.api.version == before:
            seldom = QUIET_SECONDS / REFUSED_SECONDS + 1
            assert [each for each, times in Counter(writes[tried:]).items() if times > seldom] == []
            return
    raise Never("never: an end of changes")


def plant(chance: Random, user: User) -> None:
    """Things that are there when the healthy job comes."""
    for _ in range(chance.randint(1, 4)):
        item = of_ours(chance, NAMESPACE) if chance.random() < 0.7 else pod_of_nobody(chance, NAMESPACE)
        kind = OURS[item["kind"]].kind if item["kind"] in OURS else kinds.POD
        told = item.pop("status", {})
        if item["kind"] == kinds.BATCH_JOB_NODE.kind:  # of a pool that never was there is nothing to wipe
            uid = user.the(kinds.BATCH_POOL, "sample")["metadata"]["uid"]
            item["spec"] |= {"poolId": "sample", "poolUID": chance.choice([uid, "../etc"])}
        if user.hub.call(Request("POST", kind.collection(NAMESPACE), body=item)).code != 201:
            continue
        write_status(user, kind, item["metadata"]["name"], told)
        if kind is not kinds.POD and chance.random() < 0.4:
            spoil(chance, user, kind, item["metadata"]["name"])


def spoil(chance: Random, user: User, kind: kinds.Kind, name: str) -> None:
    """As if an earlier schema had let it through; but not so that the API server takes no write to its status any more."""
    there = user.hub.get(kind, NAMESPACE, name)
    assert there is not None
    user.hub.api.restore(spoiled(chance, there))
    if not write_status(user, kind, name, {"observedGeneration": 7}):
        user.hub.api.restore(there)
    user.hub.changed()


def write_status(user: User, kind: kinds.Kind, name: str, told: Body) -> bool:
    path = kind.object(NAMESPACE, name, "status")
    return user.hub.call(Request("PATCH", path, {}, {"status": told}, MERGE_PATCH)).code == 200


async def meddle(chance: Random, user: User) -> None:
    """Statuses and Pods of another job are altered while it is at work."""
    if user.get(kinds.BATCH_JOB, STRANGER) is None:
        user.job(STRANGER, **STEPS, tasks=inline("work 2", "work 4"))
    for _ in range(chance.randint(0, 3)):
        await asyncio.sleep(chance.choice([0.5, 2, 4, 8]))
        kind = chance.choice([*(each.kind for each in custom_resources()), kinds.POD, kinds.POD])
        mine = [each for each in user.all(kind) if each["metadata"]["name"].startswith(STRANGER)]
        if mine:
            item = chance.choice(mine)
            alter(chance, user, kind, item["metadata"]["name"])


def alter(chance: Random, user: User, kind: kinds.Kind, name: str) -> None:
    if kind is not kinds.POD:
        write_status(user, kind, name, status(chance, OURS[kind.kind]))
    elif chance.random() < 0.5:
        write_status(user, kind, name, pod_status(chance))
    else:
        meta = {key: None for key in ("labels", "finalizers", "ownerReferences") if chance.random() < 0.5}
        user.hub.patch(kind, NAMESPACE, name, {"metadata": meta})


def untold(user: User) -> list[str]:
    """Objects that cannot be read and do not say so, and pools and jobs that can be and say nothing."""
    store = Store(Rules(namespace="x", image="x"), lambda _: None)
    followed, items = tables(store), [item for resource in OURS.values() for item in user.all(resource.kind)]
    for item in items:
        followed[item["kind"]].upsert(item)
    return [_name(item) for item in items if _silent(item, broken=_name(item) in map(" ".join, store.broken))]


def _name(item: Body) -> str:
    return f"{item['kind']} {NAMESPACE} {item['metadata']['name']}"


def _silent(item: Body, *, broken: bool) -> bool:
    told = item.get("status") or {}
    said = {(each.get("type"), each.get("reason")) for each in told.get("conditions") or ()}
    if broken:
        return ("Stalled", "InvalidObject") not in said
    spoken_for = item["kind"] in (kinds.BATCH_POOL.kind, kinds.BATCH_JOB.kind)
    return spoken_for and not (said and told.get("observedGeneration") == item["metadata"]["generation"])


class Failures(logging.Handler):
    """What was planned for and failed."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"{record.getMessage()} {record.exc_info[1]!r}" if record.exc_info else record.getMessage())


@contextmanager
def heard() -> Iterator[list[str]]:
    handler, log = Failures(), logging.getLogger("batchyard")
    log.addHandler(handler)
    try:
        yield handler.said
    finally:
        log.removeHandler(handler)


def lived(life: Life) -> Result:
    loop = VirtualLoop()

    async def main() -> Result:
        simulation = Simulation(loop, Tape(1), Fair(), quiet_seconds=0, strangers=(STRANGER,))
        return await simulation.play(partial(life.script, simulation.writes))

    return virtual_time.run(main(), loop)


@cache
def alone() -> float:
    life = Life(None)
    assert lived(life).complaints == []
    return life.took


@settings(max_examples=40, derandomize=True, phases=[Phase.explicit, Phase.generate], print_blob=True)
@example(Random(4))  # what was understood once is written to as it was then, again and again
@example(Random(85))  # counts below zero, of a range from 9 to 0
@example(Random(121))  # a task waits for its own Pod, whose labels were taken off
@example(Random(126))  # a Pod under the name of ours, tried twice in a second
@given(st.randoms(use_true_random=False))
def test_a_healthy_job_takes_at_most_twice_its_time_beside_what_cannot_be_and_that_says_why(chance: Random) -> None:
    life = Life(chance)
    with heard() as failed:
        result = lived(life)
    assert failed == []
    assert [each for each in result.complaints if f" {NAMESPACE}/{STRANGER}" not in each] == []
    assert life.took <= 2 * alone()
