"""What tests of whole jobs say about them: start, look, run on, and the rules that hold at every moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from batchyard.core.actions import Plan
from batchyard.kube.snapshots import snapshot
from tests import build
from tests.core.world import Run, World

KEY = (build.NAMESPACE, "sample")
STEPS = ("preparation", "release", "wipe", "pool-node")


def start(*tasks: str, exits: Any = None, **job: Any) -> World:
    world = World(exits) if exits else World()
    for name in ("node1", "node2"):
        ready = {"conditions": [{"type": "Ready", "status": "True"}], "nodeInfo": {"bootID": "boot1"}}
        world.put({"kind": "Node", "metadata": {"name": name}, "spec": {}, "status": ready})
    pool = {"targetDedicatedNodes": 2, "containerSettings": {"imageName": build.IMAGE}}
    world.put({"kind": "BatchPool", "metadata": {"name": "sample", "namespace": build.NAMESPACE}, "spec": pool})
    inline = [{"id": name, "commandLine": "true"} for name in tasks]
    spec = {"poolInfo": {"poolId": "sample"}, "jobPreparationTask": build.PREPARATION, "jobReleaseTask": build.RELEASE, "tasks": inline, **job}  # fmt: skip
    world.put({"kind": "BatchJob", "metadata": {"name": "demo", "namespace": build.NAMESPACE}, "spec": spec})
    return world


def look(world: World) -> Plan:
    store = world.store()
    boots = {n.name: n for n in store.nodes.values()}
    store.nodes = {
        name: build.node(name, uid=n.uid, boot_id=n.boot_id, boot_seen=build.T0) for name, n in boots.items()
    }
    return build.planned(snapshot(store, KEY, world.now))


def run(world: World, until: Callable[[World], bool], crash_every: int = 0) -> None:
    """Passes, each followed by a second; with crash_every=k only the first k writes of a pass are made."""
    for _ in range(400):
        actions = look(world).actions
        for action in actions[: crash_every or None]:
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
        prepared = [
            p
            for p in mine
            if p.what == "preparation" and p.node == task.node and p.boot == task.boot and p.exit_code == 0
        ]
        assert any(p.end <= task.start for p in prepared), f"S1: {task}"
        others = [o for o in tasks if o is not task]
        assert not any(o.node == task.node and o.start < task.end and task.start < o.end for o in others), (
            f"S12: {task}"
        )
        assert not any(o.what == task.what and o.start < task.end and task.start < o.end for o in others), f"S7: {task}"
        assert not any(o.what == task.what and task.exit_code == 0 and o.start >= task.end for o in others), (
            f"S9: {task}"
        )
    releases = [r for r in mine if r.what == "release"]
    for release in releases:
        here = [r for r in mine if r.node == release.node and r.what not in ("release", "wipe")]
        assert all(r.end <= release.start for r in here), f"S2: {release}"
        assert any(r in tasks for r in here), f"S3: {release}"
    done = [r.node for r in releases if r.exit_code == 0]
    assert len(done) == len(set(done)), "S4"


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
