"""Whole jobs whose running tasks are displaced by jobs of higher priority (Azure: allowTaskPreemption), with crashes between any two writes."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.api import names
from batchyard.core.actions import Patch, Plan
from tests import build
from tests.core.whole_jobs import run, start
from tests.core.world import Raw, World

CRASHES = pytest.mark.parametrize("crash_every", [0, 1, 2])


def task(world: World, id_: str) -> Raw:
    (found,) = (t for t in world.of("BatchTask") if t["spec"]["id"] == id_)
    return found


def info(world: World, id_: str) -> dict[str, Any]:
    return dict(task(world, id_).get("status", {}).get("executionInfo", {}))


def add_job(world: World, name: str, *tasks: str, slots: int = 1, **job: Any) -> None:
    inline = [{"id": each, "commandLine": "true", "requiredSlots": slots} for each in tasks]
    spec = {"poolInfo": {"poolId": "sample"}, "tasks": inline, **job}
    world.put({"kind": "BatchJob", "metadata": {"name": name, "namespace": build.NAMESPACE}, "spec": spec})


def low(*tasks: str, slots_per_node: int = 1, **job: Any) -> World:
    """Tasks that run for long and fill both nodes."""
    world = start()
    world.edit("BatchPool", "sample", {"taskSlotsPerNode": slots_per_node})
    world.seconds = 20
    add_job(world, "low", *tasks, **{"priority": -10, "allowTaskPreemption": True, **job})
    run(world, lambda w: sum(running(w)) == 2 * slots_per_node)
    return world


def running(world: World) -> list[bool]:
    return [pod.get("status", {}).get("phase") == "Running" for pod in world.of("Pod", "task")]


def stopped(world: World) -> list[str]:
    return [r.what for r in world.trace if r.exit_code == 143]


def everything(world: World) -> bool:
    return all(t.get("status", {}).get("state") == "completed" for t in world.of("BatchTask"))


def marks(plan: Plan) -> list[Patch]:
    return [a for a in plan.actions if isinstance(a, Patch) and names.LABEL_PREEMPTED_BY in str(a.body)]


@CRASHES
def test_one_running_task_goes_back_to_the_queue_for_one_of_higher_priority(crash_every: int) -> None:
    world = low("t1", "t2")
    add_job(world, "high", "urgent", priority=10)
    run(world, everything, crash_every)
    (first,) = stopped(world)
    order = [r.what for r in sorted(world.trace, key=lambda r: r.start) if r.what in (first, "urgent")]
    assert order == [first, "urgent", first]
    assert {each: info(world, each).get("requeueCount", 0) for each in ("t1", "t2")} == {"t1": 0, "t2": 0, first: 1}
    assert not any(info(world, each).get("retryCount", 0) for each in ("t1", "t2"))
    assert not any(t["status"].get("recoveryCount", 0) for t in world.of("BatchTask"))
    assert {info(world, each)["result"] for each in ("t1", "t2", "urgent")} == {"success"}


@CRASHES
def test_no_small_task_slips_in_where_room_is_being_made_for_a_big_one(crash_every: int) -> None:
    world = low("t1", "t2", "t3", "t4", "t5", "t6", slots_per_node=2)
    add_job(world, "high", "big", slots=2, priority=10)
    run(world, everything, crash_every)
    assert len(stopped(world)) == len(set(stopped(world))) == 2


@pytest.mark.parametrize("job", [{"allowTaskPreemption": False}, {"priority": 10}])
def test_nobody_goes_whose_job_does_not_allow_it_or_is_as_important(job: dict[str, Any]) -> None:
    world = low("t1", "t2", **job)
    add_job(world, "high", "urgent", priority=10)
    run(world, everything)
    assert not stopped(world)


def test_a_job_that_may_run_no_more_tasks_displaces_nobody() -> None:
    world = low("t1", "t2")
    add_job(world, "high", "u1", "u2", priority=10, maxParallelTasks=1)
    run(world, everything)
    assert len(stopped(world)) == 1


def test_a_task_that_its_pool_refuses_displaces_nobody() -> None:
    world = low("t1", "t2")
    world.edit("BatchPool", "sample", {"maxElevationLevel": "nonadmin"})
    root = {"autoUser": {"elevationLevel": "admin"}}
    add_job(world, "high", priority=10, tasks=[{"id": "root", "commandLine": "true", "userIdentity": root}])
    run(world, lambda w: len(w.of("BatchTask")) == 3 and bool(task(w, "root").get("status", {}).get("conditions")))
    assert not stopped(world)


def test_nobody_goes_where_a_job_that_ends_is_about_to_make_room() -> None:
    world = low("t1", "t2")
    world.edit("BatchPool", "sample", {"taskSlotsPerNode": 2})
    add_job(world, "other", "o1", "o2")
    run(world, lambda w: sum(running(w)) == 4)
    add_job(world, "high", priority=10)
    run(world, lambda w: bool((w.get("BatchJob", "high") or {}).get("status", {}).get("state")))
    for name in ("u1", "u2"):
        spec = {"jobId": "high", "id": name, "commandLine": "true"}
        world.put({"kind": "BatchTask", "metadata": {"name": name, "namespace": build.NAMESPACE}, "spec": spec})
    world.edit("BatchJob", "other", {"desiredState": "terminated"})
    run(world, lambda w: all(info(w, each) for each in ("t1", "t2", "u1", "u2")))
    assert sorted(stopped(world)) == ["o1", "o2"]


@pytest.mark.parametrize(("troubles", "displaced"), [((), 1), (("pods is forbidden",), 0)])
def test_a_job_whose_pods_are_refused_displaces_nobody(troubles: tuple[str, ...], displaced: int) -> None:
    """It would empty the whole pool and start nothing."""
    runs, waits = build.task("t1", state="running"), build.task("urgent")
    pod = build.pod(of=runs, phase="Running")
    low_job = build.job("low", priority=-10, allowTaskPreemption=True)
    lower = build.view(low_job, tasks=build.tasks(runs), task_pods=[pod])
    higher = build.view(build.job("high"), tasks=build.tasks(waits), troubles=troubles)
    plan = build.planned(build.snapshot(lower, higher, of=build.pool(), **build.serving("node1")))
    assert len(marks(plan)) == displaced


@pytest.mark.parametrize(("asks", "displaced"), [('{"requests":{"memory":"64Gi"}}', 0), ("", 1)])
@pytest.mark.parametrize("minutes", [1, 60])
def test_nobody_goes_for_a_task_like_one_for_which_a_node_had_no_room(asks: str, displaced: int, minutes: int) -> None:
    """Slots are not all that it lacks, also when its time of avoiding that node is over: it takes those that come free."""
    runs, large = build.task("t1", state="running"), '{"requests":{"memory":"64Gi"}}'
    tried = build.task("tried", avoids="node1", avoids_since=build.T0 - 60 * minutes, asks=large)
    low_job = build.job("low", priority=-10, allowTaskPreemption=True)
    lower = build.view(low_job, tasks=build.tasks(runs), task_pods=[build.pod(of=runs, phase="Running")])
    higher = build.view(build.job("high"), tasks=build.tasks(tried, build.task("urgent", asks=asks)))
    plan = build.planned(build.snapshot(lower, higher, of=build.pool(), **build.serving("node1")))
    assert [a.body["metadata"]["labels"] for a in marks(plan)] == [{names.LABEL_PREEMPTED_BY: "high"}] * displaced
