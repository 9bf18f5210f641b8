"""The states of a job on real nodes (Azure 3.2, 3.3, 3.7.23): disable and enable, limits, automatic ends, another pool."""

from typing import Any

import pytest

from tests.cluster.batch import Batch, Object
from tests.cluster.trace import traced

STEPS: dict[str, Any] = {"jobPreparationTask": {"commandLine": traced()}, "jobReleaseTask": {"commandLine": traced()}}
FOREVER = traced("sleep 600")
UNTIL_TOLD = traced('until test -e "$AZ_BATCH_NODE_SHARED_DIR/go"; do sleep 0.2; done')


def running(batch: Batch, *tasks: str) -> None:
    """Waits until their processes have written their first line."""
    batch.wait(f"{', '.join(tasks)} running", lambda: {run.task for run in batch.ran(*tasks)} == {*tasks})


def change(batch: Batch, job: str = "job", **spec: object) -> None:
    batch.patch("bjob", job, {"spec": spec})


def info(batch: Batch, task: str) -> Object:
    found: Object = batch.tasks()[task].get("executionInfo", {})
    return found


def reason(batch: Batch, job: str = "job") -> str:
    return str((batch.get("bjob", job) or {})["status"]["executionInfo"]["terminateReason"])


@pytest.mark.parametrize("option", ["requeue", "terminate", "wait"])
def test_disabling_does_with_running_tasks_what_its_option_says(batch: Batch, option: str) -> None:
    batch.pool(targetDedicatedNodes=1)
    batch.job(tasks={"first": UNTIL_TOLD, "second": traced()}, **STEPS)
    running(batch, "first")
    change(batch, desiredState="disabled", disableTasks=option)
    shared = batch.root(batch.ran("first")[0].node) / "shared"
    if option == "wait":
        batch.job_state("disabling")
        (shared / "go").touch()
    batch.job_state("disabled")
    waiting = "2 tasks waiting" if option == "requeue" else "1 task waiting"
    assert batch.says("bjob", "job", "Admitted", "Suspended").startswith(f"{waiting};")
    assert batch.condition("bjob", "job", "Suspended")["status"] == "True"
    assert batch.ran("second") == []
    assert info(batch, "first").get("requeueCount", 0) == (option == "requeue")
    assert info(batch, "first").get("failureInfo", {}).get("code") == ("TaskEnded" if option == "terminate" else None)
    (shared / "go").touch()
    change(batch, desiredState="active")
    batch.completed("first", "second")
    assert len(batch.ran("first")) == (2 if option == "requeue" else 1)
    assert len(batch.ran("jobpreparation")) == 1
    assert (info(batch, "first")["result"], info(batch, "second")["result"]) == (
        "failure" if option == "terminate" else "success",
        "success",
    )


def test_the_job_of_higher_priority_goes_first_and_priority_can_be_raised(batch: Batch) -> None:
    batch.pool(targetDedicatedNodes=1)
    batch.job("blocks", tasks={"blocker": UNTIL_TOLD})
    running(batch, "blocker")
    for job in ("low", "high", "raised"):
        batch.job(job, tasks={job: traced()}, priority=10 if job == "high" else 0)
    change(batch, "raised", priority=20)
    batch.wait("raised seen", lambda: (batch.get("bjob", "raised") or {})["status"].get("observedGeneration") == 2)
    (batch.root(batch.ran("blocker")[0].node) / "shared/go").touch()
    for job in ("low", "high", "raised"):
        batch.completed(job, job=job)
    assert [run.task for run in batch.ran("low", "high", "raised")] == ["raised", "high", "low"]


def test_a_running_task_makes_room_for_one_of_higher_priority_if_its_job_allows_it(batch: Batch) -> None:
    batch.pool(targetDedicatedNodes=1)
    batch.job("low", tasks={"low": UNTIL_TOLD}, priority=-1, allowTaskPreemption=True)
    running(batch, "low")
    batch.job("high", tasks={"high": traced()}, priority=1)
    batch.completed("high", job="high")
    (batch.root(batch.ran("high")[0].node) / "shared/go").touch()
    found = batch.completed("low", job="low")["low"]["executionInfo"]
    assert (found["requeueCount"], found.get("retryCount", 0), found["result"]) == (1, 0, "success")
    assert [run.task for run in batch.ran("low", "high")] == ["low", "high", "low"]


def test_no_more_tasks_run_at_once_than_the_job_allows(batch: Batch) -> None:
    batch.pool(targetDedicatedNodes=1, taskSlotsPerNode=4)
    batch.job(tasks={f"t{n}": traced("sleep 1") for n in range(4)}, maxParallelTasks=1)
    batch.says("bjob", "job", "Admitted", "WaitingForSlot")
    change(batch, maxParallelTasks=2)
    batch.completed()
    found = sorted(batch.ran("t0", "t1", "t2", "t3"), key=lambda run: run.start)
    at_once = [sum(o.start <= run.start < o.end for o in found) for run in found]
    assert max(at_once) <= 2


def test_the_wall_clock_ends_a_job_and_its_tasks(batch: Batch) -> None:
    batch.pool(targetDedicatedNodes=1)
    batch.job(tasks={"long": FOREVER}, **STEPS)
    running(batch, "long")
    change(batch, constraints={"maxWallClockTime": "PT1S"})
    batch.job_state("completed")
    assert reason(batch) == "MaxWallClockTimeExpiry"
    assert info(batch, "long")["failureInfo"]["code"] == "TaskEnded"
    assert len(batch.ran("jobrelease")) == 1
    assert batch.condition("bjob", "job", "Failed")["reason"] == "MaxWallClockTimeExpiry"


def test_a_job_ends_when_all_its_tasks_are_complete_or_one_has_failed(batch: Batch) -> None:
    batch.pool(targetDedicatedNodes=1, taskSlotsPerNode=2)
    batch.job("all", tasks={"good": traced(), "bad": traced("exit 1")}, onAllTasksComplete="terminatejob")
    batch.job("fails", tasks={"broken": traced("exit 1"), "long": FOREVER}, onTaskFailure="performexitoptionsjobaction")
    batch.job_state("completed", "all")
    batch.job_state("completed", "fails")
    assert (reason(batch, "all"), reason(batch, "fails")) == ("AllTasksComplete", "TaskFailed")
    batch.job("empty", onAllTasksComplete="terminatejob", **STEPS)
    batch.job_state("completed", "empty")
    assert batch.nodes("empty") == {}


def test_a_job_goes_by_itself_with_all_that_it_has_left(batch: Batch) -> None:
    batch.pool(targetDedicatedNodes=1)
    batch.job(tasks={"one": traced()}, onAllTasksComplete="terminatejob", ttlSecondsAfterFinished=1, **STEPS)
    batch.gone("bjob", "job")
    (ran,) = batch.ran("jobrelease")
    assert not [*(batch.root(ran.node) / "workitems").glob("*")]
    batch.wait("its tasks gone", lambda: batch.all("btask") == [])


def test_a_disabled_job_moves_to_another_pool(batch: Batch) -> None:
    batch.pool(targetDedicatedNodes=1)
    batch.pool("other", targetDedicatedNodes=1)
    batch.job(tasks={"first": traced()}, **STEPS)
    batch.completed("first")
    change(batch, desiredState="disabled")
    batch.job_state("disabled")
    (old,) = batch.nodes()
    change(batch, poolInfo={"poolId": "other"})
    batch.wait("old node wiped", lambda: batch.nodes().get(old, {}).get("wipe", {}).get("state") == "completed")
    assert [run.node for run in batch.ran("jobrelease")] == [old]
    assert not [*(batch.root(old) / "workitems").glob("*")]
    batch.task("second", commandLine=traced())
    change(batch, desiredState="active")
    batch.completed("second")
    assert len(batch.ran("jobpreparation", pool="other")) == len(batch.ran("second", pool="other")) == 1
    assert batch.ran("second") == []
    batch.terminate()
    batch.job_state("completed")
    assert (len(batch.ran("jobrelease")), len(batch.ran("jobrelease", pool="other"))) == (1, 1)
    batch.delete("bjob", "job")
    batch.gone("bjob", "job")
    assert batch.all("bjnode") == []
