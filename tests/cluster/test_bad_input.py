"""What users get wrong: told with a reason, numbers and the next step; nothing crashes, nothing is lost, other jobs go on."""

from tests.cluster.batch import IMAGE, Batch
from tests.cluster.trace import traced


def test_job_waits_for_a_pool_that_does_not_exist_yet(batch: Batch) -> None:
    batch.job(tasks={"one": traced()})
    message = batch.says("bjob", "job", "Admitted", "Misconfigured")
    assert "'pool' does not exist" in message
    assert "create it" in message
    batch.pool()
    batch.completed("one")


def test_pool_without_matching_nodes_says_so_with_numbers(batch: Batch) -> None:
    batch.pool("nowhere", nodeSelector={"no": "such"})
    batch.job(pool="nowhere", tasks={"one": traced()})
    message = batch.says("bpool", "nowhere", "Ready", "NoMatchingNodes")
    assert "0 of 2 dedicated nodes found: 0 Nodes of the cluster" in message
    batch.says("bjob", "job", "Admitted", "PoolResizing")
    batch.pool()
    batch.job("other", tasks={"one": traced()})
    batch.completed("one", job="other")


def test_image_that_cannot_be_pulled_fails_its_task_and_no_other(batch: Batch) -> None:
    batch.pool(taskSlotsPerNode=2)
    batch.job(tasks={"good": traced()})
    image = {"imageName": "127.0.0.1:1/no/such:image"}  # refuses at once; a name would be looked up for a minute
    batch.task("bad", commandLine="true", containerSettings=image)
    batch.says("bjob", "job", "Admitted", "ImagePulling")
    failure = batch.completed("bad", "good")["bad"]["executionInfo"]["failureInfo"]
    assert failure["code"] == "ContainerInvalidImage"
    assert batch.tasks()["good"]["executionInfo"]["result"] == "success"


def test_second_task_of_an_id_never_runs(batch: Batch) -> None:
    batch.pool()
    batch.job(tasks={"one": traced()})
    batch.completed("one")
    batch.task("another", id="ONE", commandLine=traced())
    message = batch.says("btask", "another", "Admitted", "TaskExists")
    assert "job.one" in message
    assert batch.tasks()["ONE"].get("state") != "completed"


def test_job_whose_id_differs_only_by_case_never_runs(batch: Batch) -> None:
    batch.pool()
    batch.job("render", tasks={"one": traced()})
    batch.completed("one", job="render")
    batch.job("again", id="Render", tasks={"one": traced()})
    message = batch.says("bjob", "again", "Admitted", "JobExists")
    assert "'render'" in message
    assert batch.tasks("again") == {}


def test_field_without_effect_yet_is_told(batch: Batch) -> None:
    batch.pool(containerSettings={"imageName": IMAGE, "containerRunOptions": "--rm"})
    assert "containerSettings.containerRunOptions" in batch.says("bpool", "pool", "Unsupported", "NotImplemented")


def test_failed_task_is_retried_and_then_fails(batch: Batch) -> None:
    batch.pool(targetDedicatedNodes=1)
    batch.job(tasks={"bad": traced("exit 7")}, constraints={"maxTaskRetryCount": 2}, onAllTasksComplete="terminatejob")
    info = batch.completed("bad")["bad"]["executionInfo"]
    assert (info["exitCode"], info["retryCount"], info["result"]) == (7, 2, "failure")
    batch.job_state("completed")
    assert len(batch.ran()) == 3
    assert batch.condition("bjob", "job", "Failed")["status"] == "True"
