"""Pools and nodes on real nodes (Azure 1.2, 1.4, 6.3): resize, disable, reboot, failed start task, low priority."""

import pytest

from tests.cluster.batch import Batch, Object
from tests.cluster.trace import traced

GATE = 'until [ -e "$AZ_BATCH_NODE_SHARED_DIR/open" ]; do sleep 0.2; done'
ON_NODE1 = {"kubernetes.io/hostname": "node1"}
ON_NODE2 = {"kubernetes.io/hostname": "node2"}


def open_gate(batch: Batch, node: str) -> None:
    (batch.root(node) / "shared/open").touch()


def node(batch: Batch, name: str) -> Object:
    """Status of a BatchNode; empty when it is not there."""
    return dict((batch.get("bnode", f"pool.{name}") or {}).get("status") or {})


def node_state(batch: Batch, name: str, state: str) -> None:
    batch.wait(f"node {name} {state}", lambda: node(batch, name).get("state") == state)


def ask(batch: Batch, name: str, **spec: object) -> None:
    batch.patch("bnode", f"pool.{name}", {"spec": spec})


def steady(batch: Batch) -> None:
    def reached() -> bool:
        pool = batch.get("bpool", "pool") or {}
        status = pool.get("status", {})
        told = status.get("observedGeneration") == pool["metadata"]["generation"]
        return bool(told and status["allocationState"] == "steady")

    batch.wait("the pool steady", reached)


def running(batch: Batch, *tasks: str) -> None:
    batch.wait(f"{tasks} running", lambda: {run.task for run in batch.ran(*tasks) if run.exit_code is None} == {*tasks})


@pytest.mark.parametrize("option", ["requeue", "terminate", "taskcompletion"])
def test_pool_that_shrinks_does_with_running_tasks_what_it_is_told(batch: Batch, option: str) -> None:
    batch.pool()
    batch.job(tasks=dict.fromkeys(("one", "two"), traced(GATE)))
    running(batch, "one", "two")
    (mine,) = (run.task for run in batch.ran("one", "two") if run.node == "node2")
    root = batch.root("node2")
    batch.patch("bpool", "pool", {"spec": {"targetDedicatedNodes": 1, "nodeDeallocationOption": option}})
    node_state(batch, "node2", "leavingpool")
    if option == "taskcompletion":
        batch.task("late", id="late", commandLine=traced())
        open_gate(batch, "node2")
        batch.completed(mine)
    open_gate(batch, "node1")
    tasks = batch.completed()
    batch.gone("bnode", "pool.node2")
    steady(batch)

    info = tasks[mine]["executionInfo"]
    assert not root.exists()
    assert info.get("requeueCount", 0) == (option == "requeue")
    assert info["result"] == ("failure" if option == "terminate" else "success")
    assert (info.get("failureInfo") or {}).get("code") == ("TaskEnded" if option == "terminate" else None)
    assert tasks[mine]["nodeInfo"]["nodeId"] == ("node1" if option == "requeue" else "node2")
    if option == "taskcompletion":
        assert tasks["late"]["nodeInfo"]["nodeId"] == "node1"


def test_pool_that_cannot_be_any_more_still_gives_a_node_back(batch: Batch) -> None:
    """Its DaemonSet is patched, not applied: what is to be in it cannot be made."""
    batch.pool()
    batch.job(tasks=dict.fromkeys(("one", "two"), traced(GATE)))
    running(batch, "one", "two")
    impossible = {"commandLine": "true", "userIdentity": {"userName": "nobody-here"}}
    batch.patch("bpool", "pool", {"spec": {"startTask": impossible, "targetDedicatedNodes": 1}})
    batch.gone("bnode", "pool.node2")
    open_gate(batch, "node1")
    assert {task["nodeInfo"]["nodeId"] for task in batch.completed().values()} == {"node1"}
    batch.patch("bpool", "pool", {"spec": {"targetDedicatedNodes": 2}})
    assert "nobody-here" in batch.says("bpool", "pool", "Ready", "Misconfigured")
    batch.patch("bpool", "pool", {"spec": {"startTask": None}})
    node_state(batch, "node2", "idle")


def test_disabled_node_gives_its_task_back_and_takes_it_again_when_enabled(batch: Batch) -> None:
    batch.pool(targetDedicatedNodes=1, nodeSelector=ON_NODE1)
    batch.job(tasks={"one": traced(GATE)})
    running(batch, "one")
    ask(batch, "node1", schedulingState="disabled")
    node_state(batch, "node1", "offline")
    assert batch.tasks()["one"]["state"] == "active"
    ask(batch, "node1", schedulingState="enabled")
    open_gate(batch, "node1")
    assert batch.completed("one")["one"]["executionInfo"]["requeueCount"] == 1


def test_reboot_that_is_asked_for_runs_start_task_and_preparation_again(batch: Batch) -> None:
    count = "/bin/sh -c 'echo ran >> $AZ_BATCH_NODE_SHARED_DIR/starts'"
    batch.pool(targetDedicatedNodes=1, nodeSelector=ON_NODE1, startTask={"commandLine": count})
    batch.job(
        tasks={"first": traced()},
        jobPreparationTask={"commandLine": traced()},
        jobReleaseTask={"commandLine": traced()},
    )
    batch.completed("first")
    booted = node(batch, "node1")["bootID"]
    ask(batch, "node1", reboots=1)
    batch.wait("the reboot done", lambda: node(batch, "node1").get("reboots") == 1)
    batch.task("second", id="second", commandLine=traced())
    batch.completed("second")
    (_, again), (second,) = batch.ran("jobpreparation"), batch.ran("second")
    assert again.succeeded
    assert again.end <= second.start
    assert (batch.root("node1") / "shared/starts").read_text() == "ran\nran\n"
    assert node(batch, "node1")["bootID"] == f"{booted}.1"
    batch.terminate()
    batch.job_state("completed")
    assert len(batch.ran("jobrelease")) == 1


def test_reimage_that_is_asked_for_leaves_nothing_on_the_node(batch: Batch) -> None:
    batch.pool(targetDedicatedNodes=1, nodeSelector=ON_NODE1)
    batch.job(tasks={"first": traced()}, jobPreparationTask={"commandLine": traced()})
    batch.completed("first")
    ask(batch, "node1", reimages=1)
    batch.wait("the reimage done", lambda: node(batch, "node1").get("reimages") == 1)
    assert [*(batch.root("node1") / "shared").iterdir()] == []
    batch.task("second", id="second", commandLine=traced())
    batch.completed("second")
    assert [run.task for run in batch.ran()] == ["jobpreparation", "first", "jobpreparation", "second"]


def test_failed_start_task_keeps_tasks_away_until_it_is_mended_and_the_node_rebooted(batch: Batch) -> None:
    batch.pool(startTask={"commandLine": """/bin/sh -c 'test "$AZ_BATCH_NODE_ID" != node1'""", "maxTaskRetryCount": 1})
    node_state(batch, "node1", "starttaskfailed")
    info = node(batch, "node1")["startTaskInfo"]
    assert (info["result"], info["exitCode"], info["retryCount"]) == ("failure", 1, 1)
    batch.says("bpool", "pool", "StartTaskFailed", "StartTaskFailed")
    batch.job(tasks=dict.fromkeys(("one", "two", "three"), traced()))
    tasks = batch.completed()
    assert {status["nodeInfo"]["nodeId"] for status in tasks.values()} == {"node2"}
    batch.patch("bpool", "pool", {"spec": {"startTask": {"commandLine": "true"}}})
    ask(batch, "node1", reboots=1)
    node_state(batch, "node1", "idle")


def test_low_priority_node_is_told_so_in_every_step(batch: Batch) -> None:
    say = """/bin/sh -c 'echo "$AZ_BATCH_NODE_IS_DEDICATED" >> $AZ_BATCH_NODE_SHARED_DIR/kinds'"""
    batch.pool(
        targetDedicatedNodes=1,
        nodeSelector={"batch": "true"},
        targetLowPriorityNodes=1,
        lowPriorityNodeSelector=ON_NODE2,
        startTask={"commandLine": say},
    )
    # Tasks that end at once would let one node do them all.
    wait = f"/bin/sh -c '{GATE}'"
    batch.job(tasks=dict.fromkeys(("one", "two"), wait), jobPreparationTask={"commandLine": say})
    batch.wait("both running", lambda: batch.nodes().keys() == {"node1", "node2"})
    for name in ("node1", "node2"):
        open_gate(batch, name)
    batch.completed()
    kinds = {name: (batch.root(name) / "shared/kinds").read_text().split() for name in ("node1", "node2")}
    assert kinds == {"node1": ["true"] * 2, "node2": ["false"] * 2}
    status = (batch.get("bpool", "pool") or {})["status"]
    assert (status["currentDedicatedNodes"], status["currentLowPriorityNodes"]) == (1, 1)
    assert node(batch, "node2")["isDedicated"] is False
