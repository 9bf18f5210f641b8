"""What is remembered from the last pass makes the next one cheaper and never another: whatever happened in between."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from batchyard.core.actions import Plan
from batchyard.core.memory import Memory
from batchyard.kube.clock import Clock
from batchyard.kube.snapshots import snapshot
from batchyard.kube.store import Store
from batchyard.kube.tables import tables
from tests import build
from tests.core import whole_jobs
from tests.core.world import Key, World


class Living:
    """A store that has been there all the time and was told of every change, as an operator's that never stopped."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = Store(build.RULES, lambda _: None, Clock(now=lambda: build.T0))
        self._tables = tables(self._store)
        self._seen: dict[Key, str] = {}

    def plans(self) -> list[Plan]:
        self._hear()
        keys = sorted({*self._store.pools, *self._store.concerns.pools})
        return [build.planned(snapshot(self._store, key, self._world.now)) for key in keys]

    def _hear(self) -> None:
        objects = self._world.objects
        for key, uid in [*self._seen.items()]:
            if key not in objects or objects[key]["metadata"]["uid"] != uid:
                self._tables[key[0]].remove(*key[1:], self._seen.pop(key))
        for key, item in objects.items():
            self._tables[key[0]].upsert(copy.deepcopy(item))
            self._seen[key] = item["metadata"]["uid"]


def tick(world: World) -> None:
    for _ in range(3):
        world.tick()


def work(world: World) -> None:
    """What an operator that has just started would do, a few times."""
    for _ in range(3):
        for each in whole_jobs.plans(world):
            for action in each.actions:
                world.do(action)
        world.tick()


def lose_a_pod(world: World) -> None:
    for item in world.of("Pod")[:1]:
        world.delete(("Pod", item["metadata"]["namespace"], item["metadata"]["name"]))


def edit(kind: str, name: str, **spec: object) -> Callable[[World], None]:
    def change(world: World) -> None:
        if world.get(kind, name) is not None:
            world.edit(kind, name, spec)

    return change


def machine(**change: object) -> Callable[[World], None]:
    def change_it(world: World) -> None:
        node = world.objects["Node", "", "node1"]
        world.put({**node, "spec": {**node["spec"], **change}})

    return change_it


def ready(status: str) -> Callable[[World], None]:
    def change_it(world: World) -> None:
        node = world.objects["Node", "", "node1"]
        world.put({**node, "status": {**node["status"], "conditions": [{"type": "Ready", "status": status}]}})

    return change_it


EVENTS: Mapping[str, Callable[[World], None]] = {
    "time passes": tick,
    "work is done": work,
    "a Pod is deleted": lose_a_pod,
    "a node boots": lambda world: world.reboot("node1", f"boot-{world.now}"),
    "a node falls silent": ready("False"),
    "a node answers": ready("True"),
    "a node is cordoned": machine(unschedulable=True),
    "a node is uncordoned": machine(unschedulable=False),
    "the pool shrinks": edit("BatchPool", "sample", targetDedicatedNodes=1),
    "the pool grows": edit("BatchPool", "sample", targetDedicatedNodes=2),
    "a reboot is asked for": edit("BatchNode", "sample.node1", reboots=1),
    "the job is disabled": edit("BatchJob", "demo", desiredState="disabled"),
    "the job is enabled": edit("BatchJob", "demo", desiredState="active"),
    "the job is terminated": edit("BatchJob", "demo", desiredState="terminated"),
    "a task is ended": edit("BatchTask", "demo.t1", desiredState="terminated"),
}
ORDINARY = ["work is done"] * 4 + ["time passes"] * 2


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from([*ORDINARY, *EVENTS]), max_size=12))
def test_an_operator_that_remembers_plans_what_one_does_that_has_just_started(events: list[str]) -> None:
    world = whole_jobs.start("t1", "t2", "t3", "t4")
    living = Living(world)
    for event in events:
        EVENTS[event](world)
        assert [plain(each) for each in living.plans()] == [plain(each) for each in whole_jobs.plans(world)]


def plain(plan: Plan) -> tuple[list[str], float | None]:
    """What a plan asks for, in whatever order."""
    return sorted(map(repr, plan.actions)), plan.wake_at


def double(number: float) -> float:
    return number * 2


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.floats(allow_nan=False)), max_size=6))
def test_what_is_asked_again_about_other_things_is_answered_anew(asked: list[dict[str, float]]) -> None:
    memory = Memory()
    for each in asked:
        assert memory.each(double, {name: (number,) for name, number in each.items()}) == {
            name: double(number) for name, number in each.items()
        }
        assert [memory.ask(double, number) for number in each.values()] == [double(n) for n in each.values()]


def test_what_is_asked_again_about_the_same_things_is_not_found_again() -> None:
    memory, node = Memory(), build.node()
    assert memory.ask(copy.copy, node) is memory.ask(copy.copy, node)
    assert memory.each(copy.copy, {"node1": (node,)})["node1"] is memory.each(copy.copy, {"node1": (node,)})["node1"]
