"""A range task on real nodes (docs/azure-batch.md, 4.1.11 to 4.1.16)."""

from typing import Any

from tests.cluster.batch import Batch
from tests.cluster.trace import traced

BODY = (
    "case $AZ_BATCH_TASK_ID in 7 | 8) test -e $AZ_BATCH_NODE_SHARED_DIR/again$AZ_BATCH_TASK_ID; code=$?;"
    " touch $AZ_BATCH_NODE_SHARED_DIR/again$AZ_BATCH_TASK_ID; exit $code;; 13) exit 3;; esac;"
    " test $AZ_BATCH_TASK_ID != 50 || test -e $AZ_BATCH_NODE_SHARED_DIR/mended"
)
"""7 and 8 fail once on a node, 13 always, 50 until somebody mends what it needs."""


FIFTY_RUNS = 600.0
"""Seconds; a minute on a machine that does nothing else."""


def said(batch: Batch) -> dict[str, Any]:
    found: dict[str, Any] = batch.tasks()["points"].get("range", {})
    return found


def whole(batch: Batch) -> bool:
    return all(batch.tasks()[name].get("state") == "completed" for name in ("points", "summary"))


def test_a_range_of_fifty_runs_with_retries_and_failures_of_its_own(batch: Batch) -> None:
    """One object; what depends on a part of it starts when that part is there; reactivation runs what failed, and no more."""
    batch.pool(targetDedicatedNodes=1, taskSlotsPerNode=8)
    batch.job(usesTaskDependencies=True)
    batch.task("points", commandLine=traced(BODY), range={"start": 1, "end": 50}, constraints={"maxTaskRetryCount": 1})
    batch.task("summary", commandLine=traced(), dependsOn={"taskIds": ["7"], "taskIdRanges": [{"start": 20, "end": 40}]})  # fmt: skip
    batch.wait("all fifty and the summary", lambda: whole(batch), FIFTY_RUNS)
    found = batch.tasks()["points"]
    assert found["range"]["counts"] == {"active": 0, "succeeded": 48, "failed": 2}
    assert found["range"]["succeeded"] == "1-12,14-49"
    failed = {each["exitCode"]: each["ids"] for each in found["range"]["failed"]}
    assert failed == {3: "13", 1: "50"}
    assert found["executionInfo"]["result"] == "failure"
    ran = [run for run in batch.ran() if run.task.isdigit()]
    assert sorted(int(run.task) for run in ran) == sorted([*range(1, 51), 7, 8, 13, 50])
    end = {run.task: run.end for run in ran}
    (summary,) = batch.ran("summary")
    assert summary.start >= max(end[str(n)] for n in (7, *range(20, 41)))
    (node,) = batch.nodes()
    (batch.root(node) / "shared/mended").touch()
    batch.patch("btask", "points", {"spec": {"reactivations": 1, "reactivatedIds": "50"}})
    batch.wait("49 have succeeded", lambda: said(batch).get("counts", {}).get("succeeded") == 49)
    assert len(batch.ran("13")) == 2
    batch.patch("btask", "points", {"spec": {"reactivations": 2, "reactivatedIds": None}})
    batch.wait("13 runs once more", lambda: len(batch.ran("13")) == 4)
    batch.wait("13 has failed again", lambda: [f["ids"] for f in said(batch)["failed"]] == ["13"])
    batch.wait("the job counts them", lambda: (batch.get("bjob", "job") or {})["status"]["taskCounts"]["failed"] == 1)


def test_single_integers_of_a_range_are_ended_and_the_others_run(batch: Batch) -> None:
    """1 runs and holds the only slot, 4 waits."""
    batch.pool(targetDedicatedNodes=1, taskSlotsPerNode=1)
    batch.job()
    batch.task("points", commandLine="/bin/sh -c 'test $AZ_BATCH_TASK_ID != 1 || sleep 600'", range={"start": 1, "end": 5})  # fmt: skip
    batch.wait("1 runs", lambda: batch.tasks()["points"].get("state") == "running")
    batch.patch("btask", "points", {"spec": {"terminatedIds": "1,4"}})
    batch.wait("all have ended", lambda: batch.tasks()["points"].get("state") == "completed")
    assert {(f["failureCode"], f["ids"]) for f in said(batch)["failed"]} == {("TaskEnded", "1"), ("TaskEnded", "4")}
    assert said(batch)["succeeded"] == "2-3,5"
