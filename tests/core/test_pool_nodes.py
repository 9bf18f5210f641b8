"""Nodes that fail, vanish, come and go, and pools that end (Azure 1.2, 1.4, 1.5, 6.4), in whole simulated pools, with an operator that restarts before every pass or between any two writes."""

from __future__ import annotations

import pytest

from batchyard.api import names
from batchyard.core.times import stamp
from batchyard.kube.observe import pod
from tests import build
from tests.core.test_preparation_rules import replace_machine
from tests.core.whole_jobs import add_node, add_pool, completed, look, results, run, start, state
from tests.core.whole_pools import (
    CRASHES,
    TASKS,
    busy,
    counters,
    members,
    of,
    running,
    sizes,
    spot,
    steady,
)
from tests.core.world import World


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
@pytest.mark.parametrize("deleted_first", [False, True])
def test_a_machine_that_came_in_place_of_another_is_wiped_before_its_pool_goes(
    deleted_first: bool, crash_every: int
) -> None:
    """The pool's Pod was bound to the name: it may have started on the machine that came."""
    world = start("t1")
    run(world, lambda w: completed(w) and not look(w).actions, crash_every)
    if deleted_first:
        world.delete(("BatchPool", build.NAMESPACE, "sample"))
    replace_machine(world, "node1")
    if not deleted_first:
        world.delete(("BatchPool", build.NAMESPACE, "sample"))
    run(world, lambda w: w.get("BatchPool", "sample") is None, crash_every)
    assert {r.node for r in world.trace if r.what == "wipe" and not r.about} == {"node1", "node2"}


@CRASHES
def test_a_task_of_a_machine_that_was_replaced_is_recovered_whatever_is_asked_of_nodes_that_leave(
    crash_every: int,
) -> None:
    world = busy(crash_every, "t1", "t2")
    world.edit("BatchPool", "sample", {"nodeDeallocationOption": "terminate"})
    replace_machine(world, "node1")
    run(world, completed, crash_every)
    assert results(world) == ["success"] * 2
    assert counters(world, "requeueCount") == 0


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


@CRASHES
def test_a_node_that_both_selectors_choose_is_low_priority_and_counts_once(crash_every: int) -> None:
    world = start(*TASKS)
    spot(world)
    run(world, completed, crash_every)
    run(world, steady(2), crash_every)
    assert {item["spec"]["nodeId"]: item["spec"]["isDedicated"] for item in world.of("BatchNode")} == {"node1": True, "node2": False}  # fmt: skip
    assert sizes(world) == (1, 1)
    assert [each["metadata"]["name"] for each in world.of("DaemonSet", "pool-node")] == ["sample-low", "sample-node"]  # fmt: skip


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


def test_a_pool_whose_id_another_has_takes_no_nodes() -> None:
    """Azure 1.1: PoolExists."""
    world = start("t1")
    add_pool(world, "later", id="SAMPLE")
    run(world, completed)
    run(world, lambda w: not look(w).actions)
    conditions = {c["type"]: c for c in (world.get("BatchPool", "later") or {})["status"]["conditions"]}
    assert (conditions["Ready"]["reason"], conditions["Stalled"]["status"]) == ("PoolExists", "True")
    assert {item["spec"]["poolId"] for item in world.of("BatchNode")} == {"sample"}


@CRASHES
def test_a_cordoned_node_keeps_its_task_and_gets_no_other(crash_every: int) -> None:
    world = busy(crash_every)
    world.objects["Node", "", "node1"]["spec"]["unschedulable"] = True
    run(world, completed, crash_every)
    run(world, lambda w: of(w, "node1")["state"] == "offline", crash_every)
    assert (counters(world, "requeueCount"), len([r for r in world.trace if r.what in TASKS and r.node == "node1"])) == (0, 1)  # fmt: skip
    assert sizes(world)[0] == 2


def test_a_silent_nodes_task_runs_elsewhere_after_the_time_that_its_pool_sets() -> None:
    """Decision 008: lostAfter."""
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


def test_a_node_that_refuses_pods_for_a_while_fails_no_task() -> None:
    """Its kubelet would refuse the next one too, and recoveries are counted."""
    world = start("t1", "t2", constraints={"maxTaskRetryCount": 0})
    began = build.T0 + 20
    run(world, lambda w: w.now > began - 15 and bool(w.of("BatchJobNode")))

    def refusing(w: World) -> bool:
        for item in w.of("Pod", "task"):
            if "nodeName" not in item["spec"]:
                item["spec"]["nodeName"] = pod(item).node
                item["status"] = {"phase": "Failed", "reason": "OutOfcpu"}
        return w.now > began + 40

    run(world, refusing)
    run(world, completed)
    assert results(world) == ["success"] * 2


def test_a_pool_named_like_the_spot_part_of_another_has_its_own_daemon_set() -> None:
    world = World()
    for name in ("node1", "node2"):
        add_node(world, name, of=name)
    low = {"targetLowPriorityNodes": 1, "lowPriorityNodeSelector": {"of": "node1"}}
    add_pool(world, "gpu", targetDedicatedNodes=0, nodeSelector={"of": "none"}, **low)
    for name in ("gpu-low", "gpu-low-priority"):
        add_pool(world, name, targetDedicatedNodes=1, nodeSelector={"of": "node2"})
    both = ("gpu", "gpu-low", "gpu-low-priority")
    run(world, lambda w: all((w.get("BatchPool", p) or {}).get("status", {}).get("nodeCounts", {}).get("idle") == 1 for p in both))  # fmt: skip
    kept = {d["metadata"]["uid"] for d in world.of("DaemonSet") if d["metadata"]["labels"][names.LABEL_POOL] != "gpu"}
    world.delete(("BatchPool", build.NAMESPACE, "gpu"))
    run(world, lambda w: w.get("BatchPool", "gpu") is None)
    assert {d["metadata"]["uid"] for d in world.of("DaemonSet")} == kept
