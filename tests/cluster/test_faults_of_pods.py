"""What people do to Pods and namespaces while jobs run. Each test is judged by its whole history, too."""

from pathlib import Path

from tests.cluster.batch import Batch
from tests.cluster.installation import NAMESPACE
from tests.cluster.under_fault import GATED, TASKS, begin, end, open_gates, running, succeed_and_end

BOTH = ["one", "two"]


def delete_by_force(batch: Batch, component: str) -> None:
    selector = f"app.kubernetes.io/component={component}"
    batch.kubectl("delete", "pod", "-l", selector, "--force", "--grace-period=0", "--wait=false")


def test_tasks_whose_pods_are_deleted_by_force_run_again_and_never_twice_at_once(batch: Batch) -> None:
    """D4: our finalizer keeps the Pod until its end is known."""
    batch.pool()
    begin(batch, tasks=BOTH, line=GATED)
    running(batch, *BOTH)
    delete_by_force(batch, "task")
    batch.wait("second attempts", lambda: len(batch.ran(*BOTH)) == 4)
    open_gates(batch)
    found = batch.completed(*BOTH)
    assert [found[task]["executionInfo"].get("retryCount", 0) for task in BOTH] == [0, 0]
    succeed_and_end(batch, tasks=BOTH)
    assert len(batch.ran("jobpreparation")) == 2


def test_preparation_pods_deleted_by_force_leave_running_tasks_alone(batch: Batch) -> None:
    """D8."""
    batch.pool()
    begin(batch, tasks=BOTH, line=GATED)
    running(batch, *BOTH)
    delete_by_force(batch, "preparation")
    batch.task("later", commandLine=GATED)
    open_gates(batch)
    succeed_and_end(batch, tasks=[*BOTH, "later"])
    assert len(batch.ran(*BOTH, "later")) == 3


def test_release_pods_deleted_by_force_are_made_again_until_one_has_succeeded_on_each_node(batch: Batch) -> None:
    """D4, for the step that nobody waits for any more."""
    batch.pool()
    begin(batch, tasks=BOTH, jobReleaseTask={"commandLine": GATED})
    batch.completed(*BOTH)
    nodes = {run.node for run in batch.ran(*BOTH)}
    batch.terminate()
    batch.wait("releases", lambda: {run.node for run in batch.ran("jobrelease")} == nodes)
    delete_by_force(batch, "release")
    batch.wait("second releases", lambda: len(batch.ran("jobrelease")) == 2 * len(nodes))
    open_gates(batch)
    end(batch)
    assert sorted(run.node for run in batch.ran("jobrelease") if run.succeeded) == sorted(nodes)


def test_namespace_deleted_with_jobs_at_work_ends_and_leaves_nothing_on_the_nodes(batch: Batch) -> None:
    """E2: no Pod can be made in it any more, so nothing is released; the wipes stand in the operator's namespace."""
    batch.pool(taskSlotsPerNode=2)
    for job in ("first", "second"):
        begin(batch, job, line=GATED)
    running(batch, *TASKS[:2])
    roots = [root for _, root in batch.recorder.roots()]
    assert len(roots) == 2
    batch.cluster.kubectl("delete", "namespace", batch.namespace, "--wait=false")
    batch.cluster.wait("the end of the namespace", lambda: not exists(batch), 180)
    assert [root for root in roots if root.exists()] == []
    assert boot_directories(batch, [root.name for root in roots]) == []
    left = f"batchyard.io/namespace={batch.namespace}"
    batch.cluster.wait("the end of its wipe Pods", lambda: batch.cluster.get_all("pod", NAMESPACE, left) == [])


def exists(batch: Batch) -> bool:
    return batch.cluster.get("namespace", batch.namespace) is not None


def boot_directories(batch: Batch, pools: list[str]) -> list[Path]:
    found = (batch.cluster.node_run(node) / pool for node in batch.cluster.nodes for pool in pools)
    return [path for path in found if path.exists()]
