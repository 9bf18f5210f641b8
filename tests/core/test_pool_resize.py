"""Pools that grow and shrink (Azure 1.2), in whole simulated pools, with an operator that restarts before every pass or between any two writes."""

from __future__ import annotations

from tests import build
from tests.core.whole_jobs import add_node, completed, look, ran, results, run, start, state
from tests.core.whole_pools import (
    CRASHES,
    TASKS,
    busy,
    codes,
    counters,
    members,
    of,
    resize,
    steady,
)


@CRASHES
def test_a_pool_that_shrinks_requeues_the_tasks_of_the_node_that_goes(crash_every: int) -> None:
    """Azure 1.2: requeue, the default; counted apart from retries (14.5)."""
    world = busy(crash_every)
    resize(world, 1)
    run(world, completed, crash_every)
    assert results(world) == ["success"] * 4
    assert (counters(world, "requeueCount"), counters(world, "retryCount")) == (1, 0)
    run(world, steady(1), crash_every)
    assert "node2" in ran(world, "wipe")


@CRASHES
def test_a_pool_that_shrinks_ends_the_tasks_of_the_node_that_goes(crash_every: int) -> None:
    """Azure 1.2: terminate."""
    world = busy(crash_every)
    resize(world, 1, "terminate")
    run(world, completed, crash_every)
    assert codes(world) == ["TaskEnded"]
    run(world, steady(1), crash_every)


@CRASHES
def test_a_pool_that_shrinks_waits_for_the_tasks_of_the_node_that_goes(crash_every: int) -> None:
    """Azure 1.2: taskcompletion; the pool is resizing meanwhile, and the node gets no new tasks."""
    world = busy(crash_every)
    resize(world, 1, "taskcompletion")
    run(world, completed, crash_every)
    run(world, steady(1), crash_every)
    assert results(world) == ["success"] * 4
    assert (counters(world, "requeueCount"), codes(world)) == (0, [])
    (kept,) = members(world)
    assert len([r for r in world.trace if r.what in TASKS and r.node != kept]) == 1


def test_a_target_set_back_keeps_the_nodes_that_have_not_begun_to_leave() -> None:
    """Azure 1.2: stop resize."""
    world = busy(0)
    resize(world, 1, "taskcompletion")
    run(world, lambda w: "leavingpool" in {of(w, n)["state"] for n in ("node1", "node2")})
    resize(world, 2, "taskcompletion")
    run(world, completed)
    run(world, steady(2))
    assert not ran(world, "wipe")


@CRASHES
def test_a_target_raised_while_nodes_leave_takes_them_again(crash_every: int) -> None:
    world = busy(crash_every)
    resize(world, 0)
    run(world, lambda w: any("deletionTimestamp" in m["metadata"] for m in w.of("BatchNode")), crash_every)
    resize(world, 2)
    run(world, completed, crash_every)
    run(world, steady(2), crash_every)
    assert results(world) == ["success"] * 4


@CRASHES
def test_a_node_that_leaves_is_not_released_and_is_wiped(crash_every: int) -> None:
    """Azure 3.8.4: not on removed nodes; their data is gone."""
    world = start("t1", "t2")
    run(world, completed, crash_every)
    resize(world, 0)
    run(world, steady(0), crash_every)
    assert all("wipe" in record["status"] for record in world.of("BatchJobNode"))
    world.edit("BatchJob", "demo", {"desiredState": "terminated"})
    run(world, lambda w: state(w) == "completed", crash_every)
    assert not ran(world, "release")


def test_nodes_leave_under_a_completed_job_too() -> None:
    world = start("t1", "t2")
    run(world, completed)
    world.edit("BatchJob", "demo", {"desiredState": "terminated"})
    run(world, lambda w: state(w) == "completed")
    resize(world, 0)
    run(world, steady(0))
    assert ran(world, "release") == ["node1", "node2"]


def test_a_node_that_comes_back_is_prepared_again() -> None:
    """Azure 1.5: its disk is new."""
    world = start("t1")
    run(world, completed)
    resize(world, 0)
    run(world, steady(0))
    resize(world, 1)
    spec = {"jobId": "demo", "id": "t2", "commandLine": "true"}
    world.put({"kind": "BatchTask", "metadata": {"name": "demo.t2", "namespace": build.NAMESPACE}, "spec": spec})
    run(world, lambda w: results(w) == ["success"] * 2)
    assert ran(world, "preparation") == ["node1", "node1"]


@CRASHES
def test_a_node_that_its_user_deletes_is_wiped_and_replaced(crash_every: int) -> None:
    """Azure 6.3, remove: the target still asks for a node, so the Node joins anew unless another is free."""
    world = busy(crash_every)
    first = world.get("BatchNode", "sample.node1") or {}
    world.delete(("BatchNode", build.NAMESPACE, "sample.node1"))
    run(world, completed, crash_every)
    run(world, steady(2), crash_every)
    assert results(world) == ["success"] * 4
    assert counters(world, "requeueCount") == 1
    assert (world.get("BatchNode", "sample.node1") or {})["metadata"]["uid"] != first["metadata"]["uid"]


def test_a_pool_that_could_not_be_filled_is_filled_when_nodes_come() -> None:
    """Decision 007: the timeout reports and gives nothing up."""
    world = start()
    world.edit("BatchPool", "sample", {"targetDedicatedNodes": 3})
    run(world, lambda w: not look(w).actions)
    world.now += 15 * 60
    run(world, lambda w: not look(w).actions)
    status = (world.get("BatchPool", "sample") or {})["status"]
    assert (status["allocationState"], [e["code"] for e in status["resizeErrors"]]) == (
        "steady",
        ["AllocationTimedout"],
    )
    add_node(world, "node3")
    run(world, steady(3))
    assert (world.get("BatchPool", "sample") or {})["status"]["resizeErrors"] == []
