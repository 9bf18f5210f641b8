"""What tests of whole jobs say about them: start, look, run on, and the rules that hold at every moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from batchyard.core.actions import Plan
from batchyard.kube.snapshots import snapshot
from tests import build
from tests.core.world import Run, World

STEPS = ("preparation", "release", "wipe", "pool-node")


def start(*tasks: str, exits: Any = None, **job: Any) -> World:
    world = World(exits) if exits else World()
    for name in ("node1", "node2"):
        add_node(world, name)
    add_pool(world, "sample")
    inline = [{"id": name, "commandLine": "true"} for name in tasks]
    spec = {"poolInfo": {"poolId": "sample"}, "jobPreparationTask": build.PREPARATION, "jobReleaseTask": build.RELEASE, "tasks": inline, **job}  # fmt: skip
    world.put({"kind": "BatchJob", "metadata": {"name": "demo", "namespace": build.NAMESPACE}, "spec": spec})
    return world


def add_node(world: World, name: str, **labels: str) -> None:
    ready = {"conditions": [{"type": "Ready", "status": "True"}], "nodeInfo": {"bootID": "boot1"}}
    world.put({"kind": "Node", "metadata": {"name": name, "labels": labels}, "spec": {}, "status": ready})


def add_pool(world: World, name: str, **spec: Any) -> None:
    spec = {"targetDedicatedNodes": 2, "containerSettings": {"imageName": build.IMAGE}, **spec}
    world.put({"kind": "BatchPool", "metadata": {"name": name, "namespace": build.NAMESPACE}, "spec": spec})


def look(world: World) -> Plan:
    """What the operator would do now, in all pools."""
    return Plan(tuple(action for each in plans(world) for action in each.actions))


def plans(world: World) -> list[Plan]:
    """One for each pool that is there or spoken of, all from the same moment."""
    store = world.store()
    store.nodes.update({name: replace(node, boot_seen=build.T0) for name, node in store.nodes.items()})
    keys = sorted({*store.pools, *store.concerns.pools})
    return [build.planned(snapshot(store, key, world.now)) for key in keys]


def run(world: World, until: Callable[[World], bool], crash_every: int = 0) -> None:
    """Passes, each followed by a second; with crash_every=k only the first k writes of a pool's pass are made."""
    for _ in range(400):
        for each in plans(world):
            for action in each.actions[: crash_every or None]:
                world.do(action)
        check(world.trace)
        if until(world):
            return
        world.tick()
    raise AssertionError(f"never came to its end; next: {look(world).actions[:3]}")


def check(trace: list[Run]) -> None:
    mine = [r for r in trace if r.about == "demo"]
    tasks = [r for r in mine if r.what not in STEPS]
    for task in tasks:
        same = [o for o in tasks if o is not task and o.what == task.what]
        assert not any(o.start < task.end and task.start < o.end for o in same), f"S7: {task}"
        assert not any(task.exit_code == 0 and o.start >= task.end for o in same), f"S9: {task}"
    for pool, node in {(r.pool, r.node) for r in mine}:
        for stay in _between_wipes(
            sorted((r for r in mine if (r.pool, r.node) == (pool, node)), key=lambda r: r.start)
        ):
            _check_stay(stay)


def _between_wipes(runs: list[Run]) -> Iterator[list[Run]]:
    """A node that was wiped begins anew."""
    stay: list[Run] = []
    for each in runs:
        stay.append(each)
        if each.what == "wipe" and each.exit_code == 0:
            yield stay
            stay = []
    yield stay


def _check_stay(runs: list[Run]) -> None:
    """On one node of one pool, between two wipes."""
    tasks = [r for r in runs if r.what not in STEPS]
    prepared = [r for r in runs if r.what == "preparation" and r.exit_code == 0]
    for task in tasks:
        assert any(p.end <= task.start and p.boot == task.boot for p in prepared), f"S1: {task}"
        others = [o for o in tasks if o is not task]
        assert not any(o.start < task.end and task.start < o.end for o in others), f"S12: {task}"
    releases = [r for r in runs if r.what == "release"]
    wipes = [r for r in runs if r.what == "wipe"]
    assert not any(r.end > wipe.start for r in runs if r not in wipes for wipe in wipes), f"S5: {wipes}"
    for release in releases:
        before = [r for r in runs if r.what not in ("release", "wipe")]
        assert all(r.end <= release.start for r in before), f"S2: {release}"
        assert any(r in tasks for r in before), f"S3: {release}"
    assert sum(r.exit_code == 0 for r in releases) <= 1, "S4"


def state(world: World) -> str:
    job = world.get("BatchJob", "demo")
    return job.get("status", {}).get("state", "") if job else "gone"


def results(world: World) -> list[str]:
    return [t.get("status", {}).get("executionInfo", {}).get("result", "") for t in world.of("BatchTask")]


def completed(world: World) -> bool:
    return bool(results(world)) and all(results(world))


def ran(world: World, what: str) -> list[str]:
    return sorted(r.node for r in world.trace if r.what == what)


def end(world: World, crash_every: int = 0) -> None:
    world.edit("BatchJob", "demo", {"desiredState": "terminated"})
    run(world, lambda w: state(w) == "completed", crash_every)


def delete(world: World, crash_every: int = 0) -> None:
    world.delete(("BatchJob", build.NAMESPACE, "demo"))
    run(world, lambda w: state(w) == "gone" and not w.of("BatchJobNode"), crash_every)
