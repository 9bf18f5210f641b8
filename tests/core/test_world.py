"""Whole jobs from beginning to end in a simulated cluster, with an operator that restarts before every pass or between any two writes."""

from __future__ import annotations

import pytest

from tests import build
from tests.core.whole_jobs import completed, delete, end, look, ran, results, run, start, state


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


@pytest.mark.parametrize("crash_every", [0, 1])
def test_records_deleted_by_hand_are_closed_and_their_nodes_begun_anew(crash_every: int) -> None:
    world = start(*(f"t{number}" for number in range(12)))
    run(world, lambda w: "success" in results(w), crash_every)
    former = {record["metadata"]["uid"] for record in world.of("BatchJobNode")}
    for record in world.of("BatchJobNode"):
        world.delete(("BatchJobNode", build.NAMESPACE, record["metadata"]["name"]))
    run(world, completed, crash_every)
    assert not former & {record["metadata"]["uid"] for record in world.of("BatchJobNode")}


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


def test_a_pool_can_go_although_one_of_its_nodes_has_vanished() -> None:
    world = start("t1", "t2")
    run(world, completed)
    world.delete(("Node", "", "node1"))
    for pod in world.of("Pod"):
        if pod["spec"].get("nodeName") == "node1":
            pod["metadata"]["finalizers"], pod["status"]["phase"] = [], "Failed"
            world.delete(("Pod", pod["metadata"]["namespace"], pod["metadata"]["name"]))
    world.delete(("BatchPool", build.NAMESPACE, "sample"))
    run(world, lambda w: w.get("BatchPool", "sample") is None)
    assert ran(world, "wipe").count("node1") == 0


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
