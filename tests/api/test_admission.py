"""A real API server refuses bad manifests, naming the field and what is allowed, and takes good ones."""

import json
from typing import Any

import pytest

from tests.api.azure_bodies import JOB, POOL, TASK
from tests.api.definitions import explanation, install, refusal
from tests.api.manifests import Manifest, as_text, inline, job, job_node, manifest, node, pool, step, task
from tests.cluster.cluster import Cluster


@pytest.fixture(scope="module", autouse=True)
def _definitions(cluster: Cluster) -> None:
    install(cluster)


PREPARED: dict[str, Any] = {"jobPreparationTask": step(), "jobReleaseTask": step()}
BAD: dict[str, tuple[Manifest, str, str]] = {
    "a time after which it shall have gone before": (
        job(ttlSecondsAfterFinished=-1),
        "spec.ttlSecondsAfterFinished",
        "0",
    ),
    "an unknown action": (job(onAllTasksComplete="never"), "spec.onAllTasksComplete", '"noaction", "terminatejob"'),
    "an unknown fill type": (
        pool(taskSchedulingPolicy={"nodeFillType": "fill"}),
        "spec.taskSchedulingPolicy.nodeFillType",
        '"spread", "pack"',
    ),
    "an unknown elevation level": (
        task(userIdentity={"autoUser": {"elevationLevel": "root"}}),
        "spec.userIdentity.autoUser.elevationLevel",
        '"nonadmin", "admin"',
    ),
    "root by its number": (
        pool(userAccounts=[{"name": "a", "linuxUserConfiguration": {"uid": 0, "gid": 5}}]),
        "spec.userAccounts[0].linuxUserConfiguration.uid",
        "equal to 1",
    ),
    "an admin with ids of its own": (
        pool(userAccounts=[{"name": "a", "elevationLevel": "admin", "linuxUserConfiguration": {"uid": 5, "gid": 5}}]),
        "spec.userAccounts[0].linuxUserConfiguration",
        "leave one of them out",
    ),
    "a negative number of nodes": (pool(targetDedicatedNodes=-1), "spec.targetDedicatedNodes", "equal to 0"),
    "too many nodes": (pool(targetDedicatedNodes=5001), "spec.targetDedicatedNodes", "equal to 5000"),
    "no slots": (pool(taskSlotsPerNode=0), "spec.taskSlotsPerNode", "equal to 1"),
    "a retry count below -1": (
        job(constraints={"maxTaskRetryCount": -2}),
        "spec.constraints.maxTaskRetryCount",
        "to -1",
    ),
    "no parallel task": (job(maxParallelTasks=0), "spec.maxParallelTasks", "at least 1, or -1"),
    "a priority out of range": (job(priority=1001), "spec.priority", "equal to 1000"),
    "too many slots for any node": (task(requiredSlots=257), "spec.requiredSlots", "equal to 256"),
    "a release without preparation": (job(jobReleaseTask=step()), "spec.jobReleaseTask", "needs a jobPreparationTask"),
    "preparation and release of one id": (
        job(jobPreparationTask=step(id="a"), jobReleaseTask=step(id="A")),
        "spec.jobReleaseTask.id",
        "differ from jobPreparationTask's",
    ),
    "two tasks of one id": (job(tasks=inline("a", "a")), "spec.tasks[1]", 'Duplicate value: {"id":"a"}'),
    "ids that differ only by case": (job(tasks=inline("a", "b", "A")), "spec.tasks", "without regard to case"),
    "a task with the id of the preparation": (
        job(tasks=inline("JobPreparation"), **PREPARED),
        "spec.tasks",
        "TaskIdSameAsJobPreparationTask",
    ),
    "a task with the id of the release": (
        job(tasks=inline("jobrelease"), **PREPARED),
        "spec.tasks",
        "TaskIdSameAsJobReleaseTask",
    ),
    "a job action that the job does not take": (
        job(tasks=inline("a", exitConditions={"exitCodes": [{"code": 3, "exitOptions": {"jobAction": "disable"}}]})),
        "spec.tasks",
        "needs onTaskFailure: performexitoptionsjobaction",
    ),
    "an over-long command": (task(commandLine="x" * 32769), "spec.commandLine", "may not be more than 32768"),
    "no command": (job(jobPreparationTask={"id": "a"}), "spec.jobPreparationTask.commandLine", "Required"),
    "an id with a dot": (task(id="a.b"), "spec.id", "[A-Za-z0-9_-]+"),
    "an over-long id": (task(id="a" * 65), "spec.id", "may not be more than 64"),
    "a name that is no id": (task("demo.task001"), "spec.id", "letters, digits, '-' and '_'"),
    "an over-long job name": (job("a" * 64), "metadata.name", "at most 63 characters"),
    "an over-long pool name": (pool("a" * 64), "metadata.name", "at most 63 characters"),
    "a job name with a dot": (job("a.b"), "metadata.name", "no '.'"),
    "a release longer than 15 minutes": (
        job(jobPreparationTask=step(), jobReleaseTask=step(maxWallClockTime="PT15M1S")),
        "spec.jobReleaseTask.maxWallClockTime",
        "of at most PT15M",
    ),
    "a release of a day": (
        job(jobPreparationTask=step(), jobReleaseTask=step(maxWallClockTime="P1D")),
        "spec.jobReleaseTask.maxWallClockTime",
        "of at most PT15M",
    ),
    "a duration that is none": (
        task(constraints={"retentionTime": "a week"}),
        "spec.constraints.retentionTime",
        "PT15M or P7D, or Go style",
    ),
    "a duration of nothing": (
        job(constraints={"maxWallClockTime": "0s"}),
        "spec.constraints.maxWallClockTime",
        "longer than zero",
    ),
    "a short resize timeout": (pool(resizeTimeout="4m59s"), "spec.resizeTimeout", "of at least PT5M"),
    "a variable of ours": (
        job(tasks=inline("a", environmentSettings=[{"name": "AZ_BATCH_TASK_ID", "value": "b"}])),
        "spec.tasks[0].environmentSettings[0].name",
        "choose another",
    ),
    "a variable given twice": (
        job(commonEnvironmentSettings=[{"name": "A"}, {"name": "A"}]),
        "spec.commonEnvironmentSettings[1]",
        "Duplicate",
    ),
    "dependencies in a job without them": (
        job(tasks=inline("a", dependsOn={"taskIds": ["b"]})),
        "spec.tasks",
        "usesTaskDependencies: true",
    ),
    "a dependency range backwards": (
        task(dependsOn={"taskIdRanges": [{"start": 2, "end": 1}]}),
        "spec.dependsOn.taskIdRanges[0].start",
        "not be greater than end",
    ),
    "a range of tasks backwards": (task(range={"start": 2, "end": 1}), "spec.range.start", "not be greater than end"),
    "a range of too many": (task(range={"start": 1, "end": 10001}), "spec.range.end", "at most 10000 integers"),
    "a range inside a job of too many": (
        job(tasks=inline("a", range={"start": 0, "end": 10000})),
        "spec.tasks[0].range.end",
        "use several tasks with a range each",
    ),
    "a range with an id": (task(id="a", range={"start": 1, "end": 2}), "spec.range", "either id or range"),
    "a user named and made": (
        task(userIdentity={"userName": "a", "autoUser": {}}),
        "spec.userIdentity.userName",
        "either userName or autoUser",
    ),
    "an amount that is none": (task(resources={"limits": {"cpu": "two"}}), "spec.resources.limits.cpu", "[0-9]+"),
    "no pool": (manifest("BatchJob", "demo", {}), "spec.poolInfo", "Required"),
    "a task without job": (manifest("BatchTask", "a", {"commandLine": "true"}), "spec.jobId", "Required"),
    "an unknown field": (
        job(jobPreparationTask=step(resourceFiles=[])),
        "spec.jobPreparationTask.resourceFiles",
        "unknown",
    ),
    "a record outside the jobs' directories": (job_node(directory="workitems/.."), "spec.directory", "^workitems/"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_manifest_is_refused_naming_the_field_and_what_is_allowed(cluster: Cluster, case: str) -> None:
    document, field, allowed = BAD[case]
    answer = refusal(cluster, document)
    assert field in answer
    assert allowed in answer


GOOD: dict[str, Manifest] = {
    "smallest pool": pool(),
    "smallest job": job(),
    "smallest task": task(),
    "node": node(schedulingState="disabled"),
    "record": job_node(),
    "job with everything": job(
        id="Demo:job-1",
        tasks=inline("Task001", "2", "a_b", dependsOn={"taskIds": ["x"], "taskIdRanges": [{"start": 1, "end": 2}]}),
        usesTaskDependencies=True,
        **PREPARED,
    ),
    "500 tasks with upper case": job(tasks=inline(*(f"Task_{number:05}" for number in range(500)))),
    "durations in both styles": pool(resizeTimeout="1h30m", lostAfter="P1DT12H"),
    "amounts": task(resources={"requests": {"cpu": 1, "memory": "1.5Gi"}, "limits": {"nvidia.com/gpu": "1"}}),
    "Azure's id of a task": task("demo.a-1", id="A_1"),
    "Azure job pasted": manifest("BatchJob", "pasted", JOB),
    "Azure task pasted": manifest("BatchTask", "pasted", TASK | {"jobId": "pasted"}),
    "Azure pool pasted": manifest("BatchPool", "pasted", POOL),
}


@pytest.mark.parametrize("case", GOOD)
def test_a_good_manifest_is_taken(cluster: Cluster, case: str) -> None:
    assert refusal(cluster, GOOD[case]) == ""


def test_what_azure_says_about_its_machines_is_refused_by_name_rather_than_ignored(cluster: Cluster) -> None:
    answer = refusal(cluster, manifest("BatchPool", "pasted", POOL | {"vmSize": "STANDARD_D2_V3"}))
    assert 'unknown field "spec.vmSize"' in answer


def test_a_new_object_counts_as_unfinished_before_the_operator_has_seen_it(cluster: Cluster) -> None:
    answer = cluster.kubectl("create", "--dry-run=server", "-o", "json", "-f", "-", stdin=as_text(job()))
    assert json.loads(answer)["status"] == {"observedGeneration": -1}


def test_explain_shows_what_a_field_means(cluster: Cluster) -> None:
    explained = cluster.wait(
        "kubectl explain knows the kinds", lambda: explanation(cluster, "bjob.spec.jobReleaseTask.id"), 30
    )
    assert "Default jobrelease; no other task of the job may have it." in explained


def test_get_lists_all_kinds_of_the_category(cluster: Cluster) -> None:
    listed = cluster.kubectl("api-resources", "--categories=batchyard", "-o", "name").split()
    assert sorted(name.split(".")[0] for name in listed) == [
        "batchjobnodes",
        "batchjobs",
        "batchnodes",
        "batchpools",
        "batchtasks",
    ]
