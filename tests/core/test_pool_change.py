"""Whole jobs that are given another pool while they are disabled (Azure 3.7.23), with crashes between any two writes."""

from __future__ import annotations

from typing import Any

import pytest

from tests import build
from tests.core.test_preparation_rules import replace_machine
from tests.core.whole_jobs import add_node, add_pool, completed, delete, end, look, ran, run, start, state
from tests.core.world import World

CRASHES = pytest.mark.parametrize("crash_every", [0, 1, 2])


def moved(crash_every: int, *, shared: bool, into: str = "other", **given: Any) -> World:
    """Two tasks have run in pool `sample`; the job is now disabled and names another, with the same Nodes or with its own."""
    world = start("t1", "t2", **given)
    if not shared:
        add_node(world, "node3", group="b")
        add_node(world, "node4", group="b")
    add_pool(world, "other", **({} if shared else {"nodeSelector": {"group": "b"}}))
    run(world, completed, crash_every)
    world.edit("BatchJob", "demo", {"desiredState": "disabled"})
    run(world, lambda w: state(w) == "disabled", crash_every)
    world.edit("BatchJob", "demo", {"poolInfo": {"poolId": into}})
    return world


def more(world: World, *names: str) -> None:
    for name in names:
        spec = {"jobId": "demo", "id": name, "commandLine": "true"}
        world.put(
            {"kind": "BatchTask", "metadata": {"name": f"demo.{name}", "namespace": build.NAMESPACE}, "spec": spec}
        )


def enable(world: World) -> None:
    world.edit("BatchJob", "demo", {"desiredState": "active"})


def pools(world: World, what: str) -> list[tuple[str, str]]:
    return sorted((r.pool, r.node) for r in world.trace if r.what == what)


def records(world: World) -> dict[str, dict[str, Any]]:
    return {record["spec"]["nodeId"]: record for record in world.of("BatchJobNode")}


def left(world: World) -> bool:
    """The former pool has nothing of the job any more."""
    mine = [record for record in records(world).values() if record["spec"]["poolId"] == "sample"]
    return all(record.get("status", {}).get("wipe", {}).get("state") == "completed" for record in mine)


@CRASHES
@pytest.mark.parametrize("shared", [False, True])
def test_the_nodes_of_the_old_pool_are_released_and_wiped_and_those_of_the_new_one_prepared(
    shared: bool, crash_every: int
) -> None:
    world = moved(crash_every, shared=shared)
    run(world, left, crash_every)
    assert state(world) == "disabled"
    assert pools(world, "release") == pools(world, "wipe") == [("sample", "node1"), ("sample", "node2")]
    more(world, "t3", "t4")
    enable(world)
    run(world, completed, crash_every)
    nodes = ["node1", "node2"] if shared else ["node3", "node4"]
    assert pools(world, "preparation") == sorted(
        [("sample", "node1"), ("sample", "node2"), *(("other", n) for n in nodes)]
    )
    end(world, crash_every)
    assert pools(world, "release")[:2] == [("other", n) for n in nodes]
    delete(world, crash_every)
    assert len(ran(world, "release")) == len(ran(world, "wipe")) == 4


def test_records_of_both_pools_are_listed_beside_each_other() -> None:
    """3.9."""
    world = moved(0, shared=False)
    more(world, "t3", "t4")
    enable(world)
    run(world, lambda w: completed(w) and left(w))
    assert {node: record["spec"]["poolId"] for node, record in records(world).items()} == {
        "node1": "sample",
        "node2": "sample",
        "node3": "other",
        "node4": "other",
    }
    assert all("jobReleaseTaskExecutionInfo" in records(world)[node]["status"] for node in ("node1", "node2"))


@CRASHES
def test_a_job_that_ends_at_once_in_its_new_pool_waits_for_its_release_in_the_old_one(crash_every: int) -> None:
    """3.8.8."""
    world = moved(crash_every, shared=False)
    end(world, crash_every)
    assert pools(world, "release") == [("sample", "node1"), ("sample", "node2")]
    delete(world, crash_every)
    assert pools(world, "release") == pools(world, "wipe") == [("sample", "node1"), ("sample", "node2")]


@CRASHES
@pytest.mark.parametrize("shared", [False, True])
def test_a_job_deleted_at_once_in_its_new_pool_is_released_and_wiped_in_the_old_one(
    shared: bool, crash_every: int
) -> None:
    world = moved(crash_every, shared=shared)
    delete(world, crash_every)
    assert pools(world, "release") == pools(world, "wipe") == [("sample", "node1"), ("sample", "node2")]


@CRASHES
def test_a_job_may_go_back_to_the_pool_it_came_from(crash_every: int) -> None:
    world = moved(crash_every, shared=False)
    world.edit("BatchJob", "demo", {"poolInfo": {"poolId": "sample"}})
    more(world, "t3", "t4")
    enable(world)
    run(world, completed, crash_every)
    delete(world, crash_every)
    assert {pool for pool, _ in pools(world, "preparation")} == {"sample"}


@CRASHES
def test_a_job_that_returns_to_a_pool_after_it_was_wiped_there_is_prepared_anew(crash_every: int) -> None:
    world = moved(crash_every, shared=False)
    run(world, left, crash_every)
    world.edit("BatchJob", "demo", {"poolInfo": {"poolId": "sample"}})
    more(world, "t3", "t4")
    enable(world)
    run(world, completed, crash_every)
    assert len(pools(world, "preparation")) == 4


@CRASHES
def test_a_job_may_move_to_a_pool_that_is_not_there_yet(crash_every: int) -> None:
    world = moved(crash_every, shared=False, into="later")
    run(world, left, crash_every)
    assert len(pools(world, "release")) == 2
    more(world, "t3")
    enable(world)
    run(world, lambda w: state(w) == "active", crash_every)
    add_pool(world, "later", nodeSelector={"group": "b"})
    run(world, completed, crash_every)
    assert {pool for pool, _ in pools(world, "t3")} == {"later"}


@CRASHES
def test_the_old_pool_may_be_deleted_meanwhile(crash_every: int) -> None:
    world = moved(crash_every, shared=False)
    world.delete(("BatchPool", build.NAMESPACE, "sample"))
    run(world, lambda w: w.get("BatchPool", "sample") is None, crash_every)
    more(world, "t3")
    enable(world)
    run(world, completed, crash_every)
    delete(world, crash_every)


def test_a_job_that_has_moved_is_not_written_to_when_all_is_done() -> None:
    """L1."""
    world = moved(0, shared=False)
    world.now += build.RULES.keep_pods_seconds
    run(world, lambda w: left(w) and not look(w).actions)
    before = world.writes
    run(world, lambda w: w.now > build.T0 + 2 * build.RULES.keep_pods_seconds + 50)
    assert world.writes == before


@CRASHES
def test_a_machine_that_was_replaced_meanwhile_is_wiped_too(crash_every: int) -> None:
    """A preparation that was bound to its name may have started on the machine that came."""
    world = moved(crash_every, shared=False)
    replace_machine(world, "node1")
    run(world, left, crash_every)
    assert sorted(r.node for r in world.trace if r.what == "wipe" and r.about == "demo") == ["node1", "node2"]
    assert pools(world, "release") == [("sample", "node2")]


def begun(world: World, what: str) -> bool:
    return any(pod.get("status", {}).get("phase") == "Running" for pod in world.of("Pod", what))


@CRASHES
@pytest.mark.parametrize("what", ["release", "wipe"])
def test_a_job_that_comes_back_while_it_leaves_a_node_begins_anew_there(what: str, crash_every: int) -> None:
    """What has begun is brought to its end first: no task runs beside a release or on what is being wiped (S2)."""
    world = moved(crash_every, shared=False)
    world.seconds = 10
    run(world, lambda w: begun(w, what), crash_every)
    world.edit("BatchJob", "demo", {"poolInfo": {"poolId": "sample"}})
    more(world, "t3", "t4")
    enable(world)
    run(world, completed, crash_every)
    end(world, crash_every)
    leaving = [r for r in world.trace if r.what in ("release", "wipe")]
    tasks = [r for r in world.trace if r.what in ("t3", "t4")]
    assert not [(a, b) for a in leaving for b in tasks if a.node == b.node and a.start < b.end and b.start < a.end]


@CRASHES
def test_a_job_that_comes_back_when_its_wipe_has_failed_once_begins_anew_there(crash_every: int) -> None:
    """A half-wiped node is wiped to the end before anything of the job runs there again."""
    broken = True
    world = moved(crash_every, shared=False, jobReleaseTask=None, exits=lambda what, *_: int(what == "wipe" and broken))
    run(world, lambda w: len(ran(w, "wipe")) == 2 and len(w.of("Pod", "wipe")) < 2, crash_every)
    broken = False
    world.edit("BatchJob", "demo", {"poolInfo": {"poolId": "sample"}})
    more(world, "t3", "t4")
    enable(world)
    run(world, completed, crash_every)
    assert len(ran(world, "wipe")) == len(ran(world, "preparation")) == 4
