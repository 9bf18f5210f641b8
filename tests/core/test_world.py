"""Whole jobs from beginning to end in a simulated cluster, with an operator that restarts before every pass or between any two writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

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


@pytest.mark.parametrize("crash_every", [0, 1, 2, 3])
def test_preparation_tasks_and_release_run_once_per_node(crash_every: int) -> None:
    """Azure section 10, A1 to A8."""
    world = start("t1", "t2", "t3", "t4")
    run(world, completed, crash_every)
    assert ran(world, "preparation") == ["node1", "node2"]
    end(world, crash_every)
    assert ran(world, "release") == ["node1", "node2"]
    delete(world, crash_every)
    assert ran(world, "release") == ["node1", "node2"]
    assert ran(world, "wipe") == ["node1", "node2"]


@pytest.mark.parametrize("crash_every", [0, 1, 2])
def test_deleting_an_active_job_releases_and_wipes_first(crash_every: int) -> None:
    world = start("t1", "t2")
    run(world, completed, crash_every)
    delete(world, crash_every)
    assert ran(world, "release") == ["node1", "node2"]
    assert ran(world, "wipe") == ["node1", "node2"]


@pytest.mark.parametrize("crash_every", [0, 1])
def test_a_task_that_fails_once_succeeds_at_its_retry(crash_every: int) -> None:
    world = start("t1", exits=lambda what, _, n: int(what == "t1" and n == 0), constraints={"maxTaskRetryCount": 1})
    run(world, completed, crash_every)
    assert results(world) == ["success"]
    assert len(ran(world, "t1")) == 2


def test_where_preparation_fails_no_task_and_no_release_runs() -> None:
    world = start("t1", "t2", exits=lambda what, node, _: int(what == "preparation" and node == "node1"))
    run(world, completed)
    end(world)
    assert ran(world, "release") == ["node2"]
    assert {r.node for r in world.trace if r.what in ("t1", "t2")} == {"node2"}


@pytest.mark.parametrize("crash_every", [0, 1])
def test_after_a_reboot_preparation_runs_again_before_the_next_task(crash_every: int) -> None:
    world = start("t1", "t2", "t3", "t4")
    run(world, lambda w: any(r.what == "t1" for r in w.trace), crash_every)
    for name in ("node1", "node2"):
        world.reboot(name, "boot2")
    run(world, completed, crash_every)
    assert results(world) == ["success"] * 4


def test_a_job_terminated_while_preparing_owes_no_release() -> None:
    """Azure 3.7.21."""
    world = start("t1")
    run(world, lambda w: bool(w.of("Pod", "preparation")))
    end(world)
    assert not ran(world, "release")


def test_deleting_the_pool_wipes_it_and_the_job_waits() -> None:
    world = start("t1")
    run(world, completed)
    world.delete(("BatchPool", build.NAMESPACE, "sample"))
    run(world, lambda w: w.get("BatchPool", "sample") is None and not w.of("BatchNode"))
    assert state(world) == "active"


def test_a_cluster_at_rest_is_not_written_to() -> None:
    """L1."""
    world = start("t1", "t2")
    run(world, completed)
    end(world)
    run(world, lambda w: not look(w).actions)
    world.now += build.RULES.keep_pods_seconds
    run(world, lambda w: not look(w).actions and not w.of("Pod", "task"))
    before = world.writes
    for _ in range(20):
        world.tick()
        assert look(world).actions == ()
    assert world.writes == before


@pytest.mark.parametrize("crash_every", [0, 1])
def test_a_node_that_vanished_owes_nothing_and_holds_nobody(crash_every: int) -> None:
    """L3, Azure 3.8.4: the data of a removed node is gone."""
    world = start("t1", "t2")
    run(world, completed, crash_every)
    for item in world.of("Pod"):
        if item["spec"].get("nodeName") == "node1":
            item["metadata"]["finalizers"], item["status"]["phase"] = [], "Failed"
            world.delete(("Pod", item["metadata"]["namespace"], item["metadata"]["name"]))
    world.delete(("Node", "", "node1"))
    delete(world, crash_every)
    assert ran(world, "release") == ["node2"]
    assert ran(world, "wipe") == ["node2"]


@pytest.mark.parametrize("crash_every", [0, 1])
def test_a_failed_release_does_not_hold_the_job(crash_every: int) -> None:
    """Azure 3.8.8; tried once."""
    world = start("t1", exits=lambda what, *_: int(what == "release"))
    run(world, completed, crash_every)
    end(world, crash_every)
    assert ran(world, "release") == ["node1"]


def test_a_release_interrupted_by_a_reboot_runs_again() -> None:
    """Azure 3.8.9."""
    world = start("t1")
    run(world, completed)
    world.edit("BatchJob", "demo", {"desiredState": "terminated"})
    run(world, lambda w: any(p.get("status", {}).get("phase") == "Running" for p in w.of("Pod", "release")))
    world.reboot("node1", "boot2")
    run(world, lambda w: state(w) == "completed")
    assert [r.exit_code for r in world.trace if r.what == "release"] == [137, 0]


def test_tasks_wait_for_the_tasks_they_name() -> None:
    """S11."""
    inline = [{"id": "b", "commandLine": "true", "dependsOn": {"taskIds": ["a"]}}, {"id": "a", "commandLine": "true"}]
    world = start(tasks=inline, usesTaskDependencies=True)
    run(world, completed)
    assert [r.what for r in world.trace if r.what in ("a", "b")] == ["a", "b"]


def test_a_job_deleted_while_it_is_terminating_is_released_once() -> None:
    """Azure 14.12."""
    world = start("t1")
    run(world, completed)
    world.edit("BatchJob", "demo", {"desiredState": "terminated"})
    run(world, lambda w: bool(w.of("Pod", "release")))
    delete(world)
    assert ran(world, "release") == ["node1"]
