"""The sample's promises under faults: a rebooted node, a killed operator. Judged by what ran on the nodes."""

from tests.cluster import operators
from tests.cluster.batch import Batch
from tests.cluster.trace import traced

TASKS = [f"task{number:03}" for number in range(1, 7)]


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
    preparations, (second,) = batch.ran("jobpreparation"), batch.ran("second")
    assert len(preparations) == 2
    assert preparations[1].succeeded
    assert preparations[1].end <= second.start
    batch.delete("bjob", "job")
    batch.gone("bjob", "job")
    assert len(batch.ran("jobrelease")) == 1


def test_operator_killed_at_work_changes_nothing(batch: Batch) -> None:
    batch.pool()
    batch.job(
        tasks=dict.fromkeys(TASKS, traced("sleep 1")),
        jobPreparationTask={"commandLine": traced("sleep 1")},
        jobReleaseTask={"commandLine": traced()},
    )
    batch.wait("a preparation", lambda: batch.ran("jobpreparation"))
    operators.kill(batch.cluster)
    batch.wait("a task", lambda: batch.ran(*TASKS))
    operators.kill(batch.cluster)
    tasks = batch.completed(*TASKS)
    batch.terminate()
    batch.wait("job terminating", lambda: batch.state() in ("terminating", "completed"))
    operators.kill(batch.cluster)
    batch.job_state("completed")

    assert {status["executionInfo"]["result"] for status in tasks.values()} == {"success"}
    assert sorted(run.task for run in batch.ran(*TASKS)) == TASKS
    used = sorted({run.node for run in batch.ran(*TASKS)})
    assert sorted(run.node for run in batch.ran("jobpreparation")) == used
    assert sorted(run.node for run in batch.ran("jobrelease")) == used
