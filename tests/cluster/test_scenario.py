"""The preparation and release sample on real nodes (Azure's JobPrepRelease), judged by what happened there and in the API."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.batch import Batch
from tests.cluster.commands import CommandError
from tests.cluster.trace import traced

FILE = "$AZ_BATCH_NODE_SHARED_DIR/job_prep_and_release.txt"
PREPARE = traced(f'echo "$AZ_BATCH_NODE_ID tasks:" > "{FILE}"')
TASK = traced(f'echo "  $AZ_BATCH_TASK_ID" >> "{FILE}"')
RELEASE = traced(f'rm "{FILE}"')
TASKS = [f"task{number:03}" for number in range(1, 9)]


def sample(batch: Batch, **spec: Any) -> None:
    batch.pool(taskSlotsPerNode=1, taskSchedulingPolicy={"nodeFillType": "pack"})
    steps: dict[str, Any] = {"jobPreparationTask": {"commandLine": PREPARE}, "jobReleaseTask": {"commandLine": RELEASE}}
    batch.job(tasks=dict.fromkeys(TASKS, TASK), **(steps | spec))


def files(batch: Batch) -> dict[str, list[str]]:
    """Lines of the sample's file by node, where it exists."""
    paths = {node: batch.root(node) / "shared/job_prep_and_release.txt" for node in batch.cluster.nodes}
    return {node: path.read_text().splitlines() for node, path in paths.items() if path.exists()}


def test_sample_keeps_every_promise(batch: Batch) -> None:
    sample(batch)
    tasks = batch.completed(*TASKS)

    # A1: one task at a time on each node, each with exit code 0
    assert {status["executionInfo"]["result"] for status in tasks.values()} == {"success"}
    assert {status["executionInfo"]["exitCode"] for status in tasks.values()} == {0}
    for node in batch.cluster.nodes:
        on_node = sorted((r for r in batch.ran(*TASKS) if r.node == node), key=lambda r: r.start)
        assert all(first.succeeded and first.end <= second.start for first, second in pairwise(on_node))

    # A2: preparation ran once on each node that ran a task, before the first of them, and nowhere else
    prepared = {run.node: run for run in batch.ran("jobpreparation")}
    used = {status["nodeInfo"]["nodeId"] for status in tasks.values()}
    assert len(batch.ran("jobpreparation")) == len(prepared)
    assert set(prepared) == used
    for run in batch.ran(*TASKS):
        assert prepared[run.node].succeeded
        assert prepared[run.node].end <= run.start

    # A3: the files name every task once, on the node that the API names
    found = files(batch)
    assert {node: lines[0] for node, lines in found.items()} == {node: f"{node} tasks:" for node in used}
    listed = {line.strip(): node for node, lines in found.items() for line in lines[1:]}
    assert listed == {task: status["nodeInfo"]["nodeId"] for task, status in tasks.items()}
    assert sum(len(lines) - 1 for lines in found.values()) == len(TASKS)

    # A4, A6, A7: one record for each prepared node; release has not run while the job is active
    assert set(batch.nodes()) == used
    assert batch.state() == "active"
    assert not any("jobReleaseTaskExecutionInfo" in status for status in batch.nodes().values())

    batch.terminate()
    batch.job_state("completed")

    # A5: release ran once on each prepared node after its last task, and the file is gone
    released = {run.node: run for run in batch.ran("jobrelease")}
    assert len(batch.ran("jobrelease")) == len(released)
    assert set(released) == used
    assert all(run.succeeded and run.end <= released[run.node].start for run in batch.ran(*TASKS))
    assert files(batch) == {}
    job = batch.get("bjob", "job") or {}
    assert job["status"]["previousState"] == "terminating"
    assert job["status"]["executionInfo"]["terminateReason"] == "UserTerminate"
    assert "endTime" in job["status"]["executionInfo"]

    # A6: exit codes and results of preparation and release by node
    for status in batch.nodes().values():
        preparation, release = status["jobPreparationTaskExecutionInfo"], status["jobReleaseTaskExecutionInfo"]
        assert (preparation["exitCode"], preparation["result"], preparation.get("retryCount", 0)) == (0, "success", 0)
        assert (release["exitCode"], release["result"]) == (0, "success")

    # A8: deleting the completed job runs no second release, and wipes
    batch.delete("bjob", "job")
    batch.gone("bjob", "job")
    assert len(batch.ran("jobrelease")) == len(released)
    assert wiped(batch)


def wiped(batch: Batch) -> bool:
    roots = [batch.root(node) for node in batch.cluster.nodes]
    left: list[Path] = [path for root in roots for path in (root / "workitems").glob("*")]
    return not left


@pytest.mark.parametrize(
    ("task", "code"),
    [("jobpreparation", "TaskIdSameAsJobPreparationTask"), ("JobRelease", "TaskIdSameAsJobReleaseTask")],
)
def test_task_with_the_id_of_a_step_of_its_job_never_runs(batch: Batch, task: str, code: str) -> None:
    """A9."""
    sample(batch)
    batch.task("clash", id=task, commandLine=TASK)
    batch.says("btask", "clash", "Admitted", code)
    batch.completed(*TASKS)
    assert batch.tasks()[task].get("state") != "completed"
    assert all("clash" not in pod["metadata"]["name"] for pod in batch.all("pod"))


def test_inline_task_with_the_id_of_the_release_is_refused_by_the_api_server(batch: Batch) -> None:
    steps: dict[str, Any] = {"jobPreparationTask": {"commandLine": PREPARE}, "jobReleaseTask": {"commandLine": RELEASE}}
    with pytest.raises(CommandError, match="TaskIdSameAsJobReleaseTask"):
        batch.job(tasks={"JobRelease": TASK}, **steps)


def test_delete_without_terminate_releases_once_and_wipes(batch: Batch) -> None:
    sample(batch)
    batch.completed(*TASKS)
    used = {run.node for run in batch.ran(*TASKS)}
    batch.delete("bjob", "job")
    batch.gone("bjob", "job")
    released = batch.ran("jobrelease")
    assert sorted(run.node for run in released) == sorted(used)
    assert files(batch) == {}
    assert wiped(batch)
    assert batch.all("bjnode") == []
    assert batch.all("btask") == []


def test_tasks_go_to_the_other_node_when_preparation_fails_on_one(batch: Batch) -> None:
    sample(batch, jobPreparationTask={"commandLine": traced('test "$AZ_BATCH_NODE_ID" != node1')})
    tasks = batch.completed(*TASKS)
    assert {status["nodeInfo"]["nodeId"] for status in tasks.values()} == {"node2"}
    assert {run.node for run in batch.ran(*TASKS)} == {"node2"}
    failed = batch.nodes().get("node1")
    if failed is not None:  # node2 may have been quick enough to do it all
        batch.says("bjob", "job", "PreparationFailed", "PreparationFailed")
    # the node serves other jobs all the same
    batch.job("other", tasks={"one": TASK, "two": TASK})
    batch.completed("one", "two", job="other")
    batch.terminate()
    batch.job_state("completed")
    assert {run.node for run in batch.ran("jobrelease") if run.job == "job"} == {"node2"}


def test_release_that_fails_does_not_hold_the_job(batch: Batch) -> None:
    sample(batch, jobReleaseTask={"commandLine": traced("exit 3")})
    batch.completed(*TASKS)
    batch.terminate()
    batch.job_state("completed")
    results = {status["jobReleaseTaskExecutionInfo"]["exitCode"] for status in batch.nodes().values()}
    assert results == {3}
    batch.says("bjob", "job", "ReleaseFailed", "ReleaseFailed")
