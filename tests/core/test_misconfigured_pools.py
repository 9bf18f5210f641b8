"""Pools that are edited into what cannot be: what is on their nodes goes on, what is to go goes, nothing new begins, nothing hangs."""

from __future__ import annotations

from tests import build
from tests.core.whole_jobs import add_node, completed, delete, end, look, ran, results, run, start, state
from tests.core.whole_pools import CRASHES, ask, busy, counters, members, of, resize, steady
from tests.core.world import World

GOOD = {"containerSettings": {"imageName": build.IMAGE}, "startTask": None}
IMPOSSIBLE = {"startTask": {"commandLine": "true", "userIdentity": {"autoUser": {"elevationLevel": "admin"}}}}
IMAGELESS = {"containerSettings": None}
ADMIN = {"userIdentity": {"autoUser": {"elevationLevel": "admin"}}}


def spoil(world: World) -> None:
    world.edit("BatchPool", "sample", IMPOSSIBLE)


def on_nodes(world: World) -> list[str]:
    return [p["spec"]["nodeName"] for p in world.of("Pod", "pool-node")]


def quiet(world: World) -> bool:
    return not look(world).actions


def forget(world: World, name: str) -> None:
    """The Node goes, and what collects Pods of Nodes that are gone does its work."""
    del world.objects["Node", "", name]
    for key, item in [*world.objects.items()]:
        if item["kind"] == "Pod" and item["spec"].get("nodeName") == name:
            item["status"] = {"phase": "Failed"}
            world.delete(key)


def why(world: World) -> str:
    conditions = (world.get("BatchPool", "sample") or {})["status"]["conditions"]
    return str(next(c["reason"] for c in conditions if c["type"] == "Ready"))


@CRASHES
def test_what_is_on_the_nodes_goes_on_and_new_tasks_start_there(crash_every: int) -> None:
    world = busy(crash_every)
    spoil(world)
    run(world, completed, crash_every)
    assert results(world) == ["success"] * 4
    assert (counters(world, "requeueCount"), counters(world, "recoveryCount")) == (0, 0)
    delete(world, crash_every)


@CRASHES
def test_a_machine_that_is_gone_is_seen_to_be_gone(crash_every: int) -> None:
    world = busy(crash_every)
    spoil(world)
    forget(world, "node2")
    run(world, completed, crash_every)
    assert results(world) == ["success"] * 4
    run(world, lambda w: members(w) == ["node1"] and quiet(w), crash_every)
    delete(world, crash_every)


@CRASHES
def test_it_shrinks(crash_every: int) -> None:
    world = busy(crash_every)
    spoil(world)
    resize(world, 1)
    run(world, completed, crash_every)
    run(world, steady(1), crash_every)
    assert (results(world), on_nodes(world)) == (["success"] * 4, ["node1"])
    assert "node2" in ran(world, "wipe")


@CRASHES
def test_it_shrinks_to_nothing_and_its_tasks_wait(crash_every: int) -> None:
    world = busy(crash_every)
    spoil(world)
    resize(world, 0)
    run(world, steady(0), crash_every)
    assert on_nodes(world) == []
    world.edit("BatchPool", "sample", {"targetDedicatedNodes": 2, **GOOD})
    run(world, completed, crash_every)
    assert results(world) == ["success"] * 4


@CRASHES
def test_it_goes(crash_every: int) -> None:
    world = busy(crash_every)
    spoil(world)
    world.delete(("BatchPool", build.NAMESPACE, "sample"))
    run(world, lambda w: w.get("BatchPool", "sample") is None, crash_every)
    delete(world, crash_every)


@CRASHES
def test_a_node_that_is_deleted_or_comes_later_waits_until_it_is_corrected(crash_every: int) -> None:
    """Its start task cannot be run there, and the one before is not what its user asks for now."""
    world = busy(crash_every)
    spoil(world)
    run(world, completed, crash_every)
    add_node(world, "node3")
    world.edit("BatchPool", "sample", {"targetDedicatedNodes": 3})
    world.delete(("BatchNode", build.NAMESPACE, "sample.node1"))
    run(world, lambda w: members(w) == ["node1", "node2", "node3"] and quiet(w), crash_every)
    assert (on_nodes(world), why(world)) == (["node2"], "Misconfigured")
    world.edit("BatchPool", "sample", GOOD)
    run(world, lambda w: sorted(on_nodes(w)) == ["node1", "node2", "node3"] and steady(3)(w), crash_every)


@CRASHES
def test_a_reboot_is_finished_once_it_is_corrected(crash_every: int) -> None:
    world = busy(crash_every)
    run(world, completed, crash_every)
    spoil(world)
    ask(world, "node1", reboots=1)
    run(world, lambda w: on_nodes(w) == ["node2"] and quiet(w), crash_every)
    assert of(world, "node1")["state"] == "rebooting"
    world.edit("BatchPool", "sample", GOOD)
    run(world, lambda w: of(w, "node1")["state"] == "idle", crash_every)


def test_the_very_spec_of_before_is_applied_again() -> None:
    world = busy()
    run(world, completed)
    spoil(world)
    world.delete(("BatchNode", build.NAMESPACE, "sample.node1"))
    run(world, lambda w: on_nodes(w) == ["node2"] and members(w) == ["node1", "node2"] and quiet(w))
    world.edit("BatchPool", "sample", GOOD)
    run(world, lambda w: sorted(on_nodes(w)) == ["node1", "node2"] and steady(2)(w))


@CRASHES
def test_a_release_without_image_fails_and_holds_no_job(crash_every: int) -> None:
    world = start("t1", "t2")
    run(world, completed, crash_every)
    world.edit("BatchPool", "sample", IMAGELESS)
    end(world, crash_every)
    assert not ran(world, "release")
    told = [r["status"]["jobReleaseTaskExecutionInfo"] for r in world.of("BatchJobNode")]
    assert {(info["result"], info["failureInfo"]["code"]) for info in told} == {("failure", "Misconfigured")}
    delete(world, crash_every)


@CRASHES
def test_a_preparation_that_cannot_be_made_any_more_is_not_made_elsewhere(crash_every: int) -> None:
    world = busy(crash_every)
    world.edit("BatchPool", "sample", IMAGELESS)
    run(world, quiet, crash_every)
    resize(world, 1)
    run(world, lambda w: members(w) == ["node1"] and quiet(w), crash_every)
    images = [c["image"] for d in world.of("DaemonSet") for c in d["spec"]["template"]["spec"]["initContainers"]]
    assert "" not in images
    world.edit("BatchPool", "sample", GOOD)
    run(world, completed, crash_every)
    assert results(world) == ["success"] * 4
    assert state(world) == "active"
