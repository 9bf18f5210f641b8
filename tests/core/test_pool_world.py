"""Whole pools in a simulated cluster (Azure 1.2, 6.3), with an operator that restarts before every pass or between any two writes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from batchyard.core.times import stamp
from tests import build
from tests.core.whole_jobs import add_node, add_pool, completed, look, ran, results, run, start, state
from tests.core.world import World

CRASHES = pytest.mark.parametrize("crash_every", [0, 1, 2])
TASKS = ("t1", "t2", "t3", "t4")


def of(world: World, name: str) -> dict[str, Any]:
    return dict((world.get("BatchNode", f"sample.{name}") or {}).get("status", {}))


def ask(world: World, name: str, **spec: Any) -> None:
    world.edit("BatchNode", f"sample.{name}", spec)


def resize(world: World, target: int, option: str = "requeue") -> None:
    world.edit("BatchPool", "sample", {"targetDedicatedNodes": target, "nodeDeallocationOption": option})


def members(world: World) -> list[str]:
    return [item["spec"]["nodeId"] for item in world.of("BatchNode")]


def counters(world: World, counter: str) -> int:
    return sum(t.get("status", {}).get("executionInfo", {}).get(counter, 0) for t in world.of("BatchTask"))


def codes(world: World) -> list[str]:
    infos = (t.get("status", {}).get("executionInfo", {}) for t in world.of("BatchTask"))
    return [info["failureInfo"]["code"] for info in infos if info.get("failureInfo")]


def running(*nodes: str) -> Callable[[World], bool]:
    def check(world: World) -> bool:
        live = {
            p["spec"].get("nodeName") for p in world.of("Pod", "task") if p.get("status", {}).get("phase") == "Running"
        }
        return set(nodes) <= live

    return check


def steady(size: int) -> Callable[[World], bool]:
    def check(world: World) -> bool:
        status = (world.get("BatchPool", "sample") or {})["status"]
        return len(members(world)) == size and status.get("allocationState") == "steady" and not look(world).actions

    return check


def busy(crash_every: int = 0, *tasks: str, **job: Any) -> World:
    world = start(*(tasks or TASKS), **job)
    world.seconds = 15
    run(world, running("node1", "node2"), crash_every)
    return world


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


@pytest.mark.parametrize(("option", "requeued", "ended"), [("requeue", 1, []), ("terminate", 0, ["TaskEnded"]), ("taskcompletion", 0, [])])  # fmt: skip
@pytest.mark.parametrize("crash_every", [0, 1])
def test_a_disabled_node_gets_no_new_tasks_and_goes_offline(
    option: str, requeued: int, ended: list[str], crash_every: int
) -> None:
    """Azure 6.3: disable scheduling with its options; the node stays in the pool and counts."""
    world = busy(crash_every)
    ask(world, "node1", schedulingState="disabled", nodeDisableSchedulingOption=option)
    run(world, completed, crash_every)
    run(world, lambda w: of(w, "node1")["state"] == "offline", crash_every)
    assert (counters(world, "requeueCount"), codes(world)) == (requeued, ended)
    assert len([r for r in world.trace if r.what in TASKS and r.node == "node1"]) == 1
    assert (world.get("BatchPool", "sample") or {})["status"]["currentDedicatedNodes"] == 2


def test_an_enabled_node_takes_tasks_again() -> None:
    world = busy()
    ask(world, "node1", schedulingState="disabled")
    ask(world, "node2", schedulingState="disabled")
    run(world, lambda w: all(of(w, n)["state"] == "offline" for n in ("node1", "node2")))
    assert not completed(world)
    ask(world, "node1", schedulingState="enabled")
    run(world, completed)
    assert of(world, "node2")["state"] == "offline"


@CRASHES
def test_a_reboot_runs_the_start_task_and_preparation_again_and_no_release(crash_every: int) -> None:
    """Azure 6.3, 3.7.12."""
    world = busy(crash_every)
    ask(world, "node1", reboots=1)
    run(world, completed, crash_every)
    run(world, lambda w: of(w, "node1").get("reboots") == 1 and not look(w).actions, crash_every)
    assert ran(world, "pool-node") == ["node1", "node1", "node2"]
    assert ran(world, "preparation").count("node1") == 2
    assert ran(world, "preparation").count("node2") == 1
    assert counters(world, "requeueCount") == 1
    assert not ran(world, "release")
    assert results(world) == ["success"] * 4


@pytest.mark.parametrize(("option", "requeued", "ended"), [("terminate", 0, ["TaskEnded"]), ("taskcompletion", 0, [])])
def test_a_reboot_does_with_running_tasks_what_it_is_told(option: str, requeued: int, ended: list[str]) -> None:
    world = busy()
    ask(world, "node1", reboots=1, nodeRebootOption=option)
    run(world, lambda w: completed(w) and of(w, "node1").get("reboots") == 1)
    assert (counters(world, "requeueCount"), codes(world)) == (requeued, ended)


@CRASHES
def test_a_counter_raised_by_two_reboots_twice(crash_every: int) -> None:
    world = start()
    run(world, lambda w: of(w, "node1").get("state") == "idle", crash_every)
    ask(world, "node1", reboots=2)
    run(world, lambda w: of(w, "node1").get("reboots") == 2 and not look(w).actions, crash_every)
    assert ran(world, "pool-node").count("node1") == 3
    assert of(world, "node1")["state"] == "idle"


@CRASHES
def test_a_reimage_wipes_the_node_and_prepares_it_anew(crash_every: int) -> None:
    """Azure 6.3, 3.8.4: as a node that is new; no release for what was there before."""
    world = start("t1", "t2")
    run(world, completed, crash_every)
    ask(world, "node1", reimages=1)
    run(world, lambda w: of(w, "node1").get("reimages") == 1 and not look(w).actions, crash_every)
    assert ran(world, "pool-node").count("node1") == 2
    assert [r["spec"]["nodeId"] for r in world.of("BatchJobNode")] == ["node2"]
    world.edit("BatchJob", "demo", {"desiredState": "terminated"})
    run(world, lambda w: state(w) == "completed", crash_every)
    assert ran(world, "release") == ["node2"]


def test_a_node_says_that_it_is_rebooting_until_its_start_task_ended() -> None:
    world, words = start(), []
    run(world, lambda w: of(w, "node1").get("state") == "idle")
    ask(world, "node1", reboots=1)

    def done(w: World) -> bool:
        words.append(of(w, "node1")["state"])
        return words[-1] == "idle" and "rebooting" in words

    run(world, done)
    assert [word for word, _ in itertools.groupby(words)] == ["rebooting", "starting", "idle"]


@CRASHES
def test_a_node_that_leaves_during_its_reboot_is_wiped_and_goes(crash_every: int) -> None:
    world = start()
    run(world, lambda w: of(w, "node2").get("state") == "idle", crash_every)
    ask(world, "node2", reboots=1)
    run(world, lambda w: of(w, "node2")["state"] == "rebooting", crash_every)
    resize(world, 1)
    run(world, steady(1), crash_every)
    assert members(world) == ["node1"]


def test_where_the_start_task_fails_no_task_runs_and_nobody_takes_the_nodes_place() -> None:
    """Azure 1.4, 6.4: it counts and is not replaced."""
    world = start("t1", "t2", exits=lambda what, node, _: int(what == "pool-node" and node == "node1"))
    world.edit("BatchPool", "sample", {"startTask": {"commandLine": "start"}})
    add_node(world, "node3")
    run(world, completed)
    run(world, lambda w: not look(w).actions)
    assert of(world, "node1")["state"] == "starttaskfailed"
    assert {r.node for r in world.trace if r.what in TASKS} == {"node2"}
    assert members(world) == ["node1", "node2"]
    status = (world.get("BatchPool", "sample") or {})["status"]
    assert (status["currentDedicatedNodes"], status["nodeCounts"]) == (2, {"idle": 1, "starttaskfailed": 1})


def test_a_reboot_mends_a_node_whose_start_task_failed() -> None:
    """Azure 1.4: reboot or reimage is the remedy."""
    world = start()
    world.exits = lambda what, *_: int(what == "pool-node" and len(ran(world, "pool-node")) < 2)
    world.edit("BatchPool", "sample", {"startTask": {"commandLine": "start"}})
    run(world, lambda w: of(w, "node1").get("state") == of(w, "node2").get("state") == "starttaskfailed")
    for name in ("node1", "node2"):
        ask(world, name, reboots=1)
    run(world, lambda w: of(w, "node1").get("state") == of(w, "node2").get("state") == "idle")


def test_a_node_that_registers_anew_under_its_name_joins_anew() -> None:
    """Azure 1.5: the same id, another machine."""
    world = start("t1", "t2")
    run(world, completed)
    for item in world.of("Pod"):
        if item["spec"].get("nodeName") == "node1":
            item["metadata"]["finalizers"], item["status"]["phase"] = [], "Failed"
            world.delete(("Pod", item["metadata"]["namespace"], item["metadata"]["name"]))
    node = world.objects.pop(("Node", "", "node1"))
    world.put({**node, "metadata": {"name": "node1"}})
    run(world, steady(2))
    member = world.get("BatchNode", "sample.node1") or {}
    assert member["spec"]["nodeUID"] == world.objects["Node", "", "node1"]["metadata"]["uid"]


@CRASHES
def test_a_pool_that_is_deleted_requeues_and_its_jobs_wait(crash_every: int) -> None:
    """Azure 1.2."""
    world = busy(crash_every)
    world.delete(("BatchPool", build.NAMESPACE, "sample"))
    run(world, lambda w: w.get("BatchPool", "sample") is None and not w.of("BatchNode"), crash_every)
    assert state(world) == "active"
    assert counters(world, "requeueCount") == 2
    assert not completed(world)


def test_a_pool_goes_although_a_completed_job_has_used_it() -> None:
    world = start("t1")
    run(world, completed)
    world.edit("BatchJob", "demo", {"desiredState": "terminated"})
    run(world, lambda w: state(w) == "completed")
    world.delete(("BatchPool", build.NAMESPACE, "sample"))
    run(world, lambda w: w.get("BatchPool", "sample") is None and not w.of("BatchNode"))


def spot(world: World) -> None:
    for name in ("node2", "node3"):
        add_node(world, name, spot="true")
    more = {"targetDedicatedNodes": 1, "targetLowPriorityNodes": 1, "lowPriorityNodeSelector": {"spot": "true"}}
    world.edit("BatchPool", "sample", more)


def sizes(world: World) -> tuple[int, int]:
    status = (world.get("BatchPool", "sample") or {})["status"]
    return status["currentDedicatedNodes"], status.get("currentLowPriorityNodes", 0)


@CRASHES
def test_a_node_that_both_selectors_choose_is_low_priority_and_counts_once(crash_every: int) -> None:
    world = start(*TASKS)
    spot(world)
    run(world, completed, crash_every)
    run(world, steady(2), crash_every)
    assert {item["spec"]["nodeId"]: item["spec"]["isDedicated"] for item in world.of("BatchNode")} == {"node1": True, "node2": False}  # fmt: skip
    assert sizes(world) == (1, 1)
    assert [each["metadata"]["name"] for each in world.of("DaemonSet", "pool-node")] == ["sample-low-priority-node", "sample-node"]  # fmt: skip


@CRASHES
def test_a_preempted_nodes_task_is_recovered_on_the_node_that_takes_its_place(crash_every: int) -> None:
    """Azure 1.5: the machine and its data are gone; not the user's retries."""
    world = start(*TASKS)
    world.seconds = 15
    spot(world)
    run(world, running("node1", "node2"), crash_every)
    world.delete(("Node", "", "node2"))
    for item in world.of("Pod"):
        if item["spec"].get("nodeName") == "node2":
            item["status"] |= {"phase": "Failed", "conditions": [{"type": "DisruptionTarget", "status": "True"}]}
            world.delete(("Pod", item["metadata"]["namespace"], item["metadata"]["name"]))
    run(world, completed, crash_every)
    assert results(world) == ["success"] * 4
    assert sum(t["status"].get("recoveryCount", 0) for t in world.of("BatchTask")) == 1
    assert (counters(world, "retryCount"), counters(world, "requeueCount")) == (0, 0)
    run(world, steady(2), crash_every)
    assert (members(world), sizes(world)) == (["node1", "node3"], (1, 1))


def test_a_pool_that_could_not_be_filled_is_filled_when_nodes_come() -> None:
    """Decision 020: the timeout reports and gives nothing up."""
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


def test_a_pool_whose_id_another_has_takes_no_nodes() -> None:
    """Azure 1.1: PoolExists."""
    world = start("t1")
    add_pool(world, "later", id="SAMPLE")
    run(world, completed)
    run(world, lambda w: not look(w).actions)
    conditions = {c["type"]: c for c in (world.get("BatchPool", "later") or {})["status"]["conditions"]}
    assert (conditions["Ready"]["reason"], conditions["Stalled"]["status"]) == ("PoolExists", "True")
    assert {item["spec"]["poolId"] for item in world.of("BatchNode")} == {"sample"}


def test_a_changed_start_task_leaves_the_nodes_alone_until_they_reboot() -> None:
    """Azure 1.1, 1.4."""
    world = start()
    run(world, lambda w: of(w, "node1").get("state") == of(w, "node2").get("state") == "idle")
    world.edit("BatchPool", "sample", {"startTask": {"commandLine": "start"}})
    run(world, lambda w: not look(w).actions)
    assert ran(world, "pool-node") == ["node1", "node2"]
    assert {each["spec"]["updateStrategy"]["type"] for each in world.of("DaemonSet")} == {"OnDelete"}
    ask(world, "node1", reboots=1)
    run(world, lambda w: of(w, "node1").get("reboots") == 1)
    pods = {p["spec"]["nodeName"]: len(p["spec"]["initContainers"]) for p in world.of("Pod", "pool-node")}
    assert pods == {"node1": 2, "node2": 1}


@CRASHES
def test_a_cordoned_node_keeps_its_task_and_gets_no_other(crash_every: int) -> None:
    world = busy(crash_every)
    world.objects["Node", "", "node1"]["spec"]["unschedulable"] = True
    run(world, completed, crash_every)
    run(world, lambda w: of(w, "node1")["state"] == "offline", crash_every)
    assert (counters(world, "requeueCount"), len([r for r in world.trace if r.what in TASKS and r.node == "node1"])) == (0, 1)  # fmt: skip
    assert sizes(world)[0] == 2


def test_a_silent_nodes_task_runs_elsewhere_after_the_time_that_its_pool_sets() -> None:
    """Decision 021: lostAfter."""
    world = busy(0, "t1", "t2")
    world.edit("BatchPool", "sample", {"lostAfter": "PT1M"})
    node = world.objects["Node", "", "node1"]
    node["status"]["conditions"] = [{"type": "Ready", "status": "Unknown", "lastTransitionTime": stamp(world.now)}]
    for item in world.of("Pod"):
        if item["spec"].get("nodeName") == "node1":
            item["status"]["until"] = world.now + 10_000
    run(world, completed)
    assert results(world) == ["success"] * 2
    assert sum(t["status"].get("recoveryCount", 0) for t in world.of("BatchTask")) == 1
    assert of(world, "node1")["state"] == "unknown"
