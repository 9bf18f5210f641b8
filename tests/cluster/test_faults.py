"""The sample's promises under faults: a rebooted node, a killed operator. Judged by what ran on the nodes."""

import os
import signal
from pathlib import Path

from tests.cluster import installation
from tests.cluster.batch import Batch
from tests.cluster.trace import Run, runs, traced

GATE = 'until [ -e "$AZ_BATCH_NODE_SHARED_DIR/open" ]; do sleep 0.2; done'
TASKS = [f"task{number:03}" for number in range(1, 7)]


def of(batch: Batch, *tasks: str) -> list[Run]:
    return [run for run in runs(batch.traces()) if run.task in tasks]


def test_rebooted_node_is_prepared_again_before_its_next_task(batch: Batch) -> None:
    """Azure 3.7.12; A10: the restarted worker."""
    batch.pool(targetDedicatedNodes=1, nodeSelector={"kubernetes.io/hostname": "node2"})
    batch.job(
        tasks={"first": traced()},
        jobPreparationTask={"commandLine": traced()},
        jobReleaseTask={"commandLine": traced()},
    )
    batch.completed("first")
    batch.cluster.crash("node2")
    batch.cluster.boot("node2")
    batch.cluster.wait_ready("node2")
    batch.task("second", commandLine=traced())
    batch.completed("second")
    preparations, (second,) = of(batch, "jobpreparation"), of(batch, "second")
    assert len(preparations) == 2
    assert preparations[1].end is not None
    assert preparations[1].end <= second.start
    batch.delete("bjob", "job")
    batch.gone("bjob", "job")
    assert len(of(batch, "jobrelease")) == 1


def test_operator_killed_at_work_changes_nothing(batch: Batch) -> None:
    batch.pool()
    batch.job(
        tasks=dict.fromkeys(TASKS, traced("sleep 1")),
        jobPreparationTask={"commandLine": traced("sleep 1")},
        jobReleaseTask={"commandLine": traced()},
    )
    batch.wait("a preparation", lambda: of(batch, "jobpreparation"))
    kill_operator(batch)
    batch.wait("a task", lambda: of(batch, *TASKS))
    kill_operator(batch)
    tasks = batch.completed(*TASKS)
    batch.terminate()
    batch.wait("job terminating", lambda: batch.state() in ("terminating", "completed"))
    kill_operator(batch)
    batch.job_state("completed")

    assert {status["executionInfo"]["result"] for status in tasks.values()} == {"success"}
    assert sorted(run.task for run in of(batch, *TASKS)) == TASKS
    used = sorted({run.node for run in of(batch, *TASKS)})
    assert sorted(run.node for run in of(batch, "jobpreparation")) == used
    assert sorted(run.node for run in of(batch, "jobrelease")) == used


def kill_operator(batch: Batch) -> None:
    """SIGKILL to its process; the kubelet starts the container again."""
    uid = installation.operator_pod(batch.cluster)["metadata"]["uid"]
    pids = [pid for pid in processes_of(uid) if b"-m\0batchyard" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert pids, "the operator runs on this machine"
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def processes_of(pod_uid: str) -> list[int]:
    """Processes of a Pod, by the names of their cgroups."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                groups = (entry / "cgroup").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if pod_uid in groups:
                found.append(int(entry.name))
    return found
