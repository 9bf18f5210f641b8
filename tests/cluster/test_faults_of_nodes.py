"""Nodes that crash, are cut off, restart their daemons or are replaced. Each test is judged by its whole history, too."""

import pytest

from tests.cluster import image, nodes
from tests.cluster.batch import Batch
from tests.cluster.trace import traced
from tests.cluster.under_fault import GATED, begin, open_gates, other_node, running, succeed_and_end

BOTH = ["one", "two"]
AWAY_AFTER_5_SECONDS = [
    {"key": f"node.kubernetes.io/{taint}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}
    for taint in ("unreachable", "not-ready")
]


def test_restarted_kubelet_and_containerd_leave_running_tasks_alone(batch: Batch) -> None:
    """C8."""
    batch.pool()
    begin(batch, tasks=BOTH, line=GATED)
    running(batch, *BOTH)
    node = other_node(batch)
    for daemon in ("kubelet", "containerd"):
        batch.cluster.stop(f"{node}/{daemon}")
    for daemon in ("containerd", "kubelet"):
        batch.cluster.start(f"{node}/{daemon}")
    batch.cluster.wait_ready()
    open_gates(batch)
    succeed_and_end(batch, tasks=BOTH)
    assert len(batch.ran(*BOTH)) == 2
    assert len(batch.ran("jobpreparation")) == 2


def test_task_of_a_crashed_node_runs_again_once_the_node_has_booted(batch: Batch) -> None:
    """C4, D7."""
    batch.pool()
    begin(batch, tasks=BOTH, line=GATED)
    running(batch, *BOTH)
    node = other_node(batch)
    (hit,) = [run.task for run in batch.ran(*BOTH) if run.node == node]
    batch.cluster.crash(node)
    batch.recorder.node_lost(node)
    batch.cluster.boot(node)
    batch.wait("its second attempt", lambda: len(batch.ran(hit)) == 2)
    open_gates(batch)
    status = batch.completed(*BOTH)[hit]
    assert (status["recoveryCount"], status["executionInfo"].get("retryCount", 0)) == (1, 0)
    succeed_and_end(batch, tasks=BOTH)
    assert len(batch.ran(*BOTH)) == 3


@pytest.mark.long
def test_task_of_a_node_cut_off_longer_than_tolerated_runs_again_when_its_end_is_known(batch: Batch) -> None:
    """C2, C3: while nobody can know whether it lives, it is not started elsewhere, though there is room."""
    batch.pool(tolerations=AWAY_AFTER_5_SECONDS, taskSlotsPerNode=2)
    begin(batch, tasks=BOTH, line=GATED)
    running(batch, *BOTH)
    node = other_node(batch)
    (hit,) = [run.task for run in batch.ran(*BOTH) if run.node == node]
    batch.cluster.cut(node)
    try:
        batch.wait("its Pod to be evicted", lambda: evicted(batch, node))
        batch.task("later", commandLine=traced())
        batch.completed("later")
        assert len(batch.ran(hit)) == 1
    finally:
        batch.cluster.heal(node)
    batch.wait("its second attempt", lambda: len(batch.ran(hit)) == 2)
    open_gates(batch)
    succeed_and_end(batch, tasks=[*BOTH, "later"])
    assert len(batch.ran(*BOTH)) == 3


def evicted(batch: Batch, node: str) -> bool:
    """Whether the cluster has given up a task's Pod there."""
    pods = batch.all("pod", "app.kubernetes.io/component=task")
    return any("deletionTimestamp" in pod["metadata"] for pod in pods if pod["spec"].get("nodeName") == node)


def test_node_that_comes_back_as_another_machine_is_prepared_anew_and_released_once(batch: Batch) -> None:
    """C5, C6: its disk is gone, and with it what ran there."""
    add(batch, "node3")
    try:
        batch.pool(targetDedicatedNodes=1, nodeSelector={"kubernetes.io/hostname": "node3"})
        begin(batch, tasks=["one"], line=GATED)
        running(batch, "one")
        batch.recorder.node_lost("node3", for_good=True)
        batch.cluster.remove_node("node3")
        add(batch, "node3")
        batch.wait("its second attempt", lambda: len(batch.ran("one")) == 2)
        open_gates(batch)
        succeed_and_end(batch, tasks=["one"])
        assert len(batch.ran("jobpreparation")) == 2
        assert len(batch.ran("jobrelease")) == 1
    finally:
        batch.delete("bpool", "pool")
        batch.cluster.remove_node("node3")


def add(batch: Batch, node: str) -> None:
    batch.cluster.add_node(node)
    batch.cluster.wait_ready(node)
    nodes.load(batch.cluster.layout, node, image.archive())
