"""A real API server refuses changes that cannot be followed, saying what to do instead, and takes the others."""

from collections.abc import Iterator

import pytest

from tests.api.definitions import install, refusal_of_change
from tests.api.manifests import Manifest, as_text, inline, job, node, pool, step, task
from tests.cluster.cluster import Cluster

JOB = job("fixed", jobPreparationTask=step(), tasks=inline("a"))
ENDED = job("ended", desiredState="terminated", onAllTasksComplete="terminatejob")
RANGE = task("range", range={"start": 1, "end": 5})
TASK = task("fixed", constraints={"maxTaskRetryCount": 1}, reactivations=1)
POOL = pool("fixed")
NODE = node(reboots=2)
STORED = (JOB, ENDED, TASK, RANGE, POOL, NODE)


@pytest.fixture(scope="module", autouse=True)
def _stored(cluster: Cluster) -> Iterator[None]:
    install(cluster)
    for document in STORED:
        cluster.apply(as_text(document))
    yield
    for document in STORED:
        cluster.kubectl("delete", document["kind"].lower(), document["metadata"]["name"])


REFUSED: dict[str, tuple[Manifest, Manifest, str, str]] = {
    "another pool": (JOB, {"poolInfo": {"poolId": "other"}}, "spec.poolInfo", "only while the job is disabled"),
    "another preparation": (
        JOB,
        {"jobPreparationTask": {"commandLine": "false"}},
        "spec.jobPreparationTask",
        "create a new job",
    ),
    "a preparation taken away": (JOB, {"jobPreparationTask": None}, "spec.jobPreparationTask", "create a new job"),
    "a release added": (JOB, {"jobReleaseTask": step()}, "spec.jobReleaseTask", "create a new job"),
    "another task inside the job": (JOB, {"tasks": inline("a", "b")}, "spec.tasks", "add BatchTask objects instead"),
    "a common variable": (
        JOB,
        {"commonEnvironmentSettings": [{"name": "A"}]},
        "spec.commonEnvironmentSettings",
        "set variables on single tasks",
    ),
    "dependencies switched on": (JOB, {"usesTaskDependencies": True}, "spec.usesTaskDependencies", "create a new job"),
    "a terminated job made active": (ENDED, {"desiredState": "active"}, "spec.desiredState", "create a new job"),
    "onAllTasksComplete taken back": (
        ENDED,
        {"onAllTasksComplete": "noaction"},
        "spec.onAllTasksComplete",
        "from noaction to terminatejob, never back",
    ),
    "another job of a task": (TASK, {"jobId": "other"}, "spec.jobId", "create a new task"),
    "another command of a task": (TASK, {"commandLine": "false"}, "spec.commandLine", "only constraints can change"),
    "an id given later": (TASK, {"id": "b"}, "spec.id", "create a new task"),
    "ids of a range in a task that is none": (TASK, {"terminatedIds": "1"}, "spec.terminatedIds", "need range"),
    "ids that are none": (RANGE, {"terminatedIds": "1;3"}, "spec.terminatedIds", "should match"),
    "more integers of a range": (RANGE, {"range": {"start": 1, "end": 6}}, "spec.range", "create a new task"),
    "a counter lowered": (TASK, {"reactivations": 0}, "spec.reactivations", "only be raised"),
    "another id of a pool": (POOL, {"id": "Other"}, "spec.id", "create a new pool"),
    "a node moved to another pool": (NODE, {"poolId": "other"}, "spec.poolId", "belong to one pool"),
    "a reboot taken back": (NODE, {"reboots": 1}, "spec.reboots", "only be raised"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_change_that_cannot_be_followed_is_refused_saying_what_to_do_instead(cluster: Cluster, case: str) -> None:
    document, change, field, instead = REFUSED[case]
    answer = refusal_of_change(cluster, document, change)
    assert field in answer
    assert instead in answer


TAKEN: dict[str, tuple[Manifest, Manifest]] = {
    "priority and limits of a job": (
        JOB,
        {"priority": 5, "maxParallelTasks": 2, "constraints": {"maxWallClockTime": "1h"}},
    ),
    "a job's end": (JOB, {"desiredState": "terminated", "terminateReason": "enough"}),
    "onAllTasksComplete switched on": (JOB, {"onAllTasksComplete": "terminatejob"}),
    "limits of a task": (TASK, {"constraints": {"maxTaskRetryCount": 5}}),
    "a task's end": (TASK, {"desiredState": "terminated"}),
    "one more try": (TASK, {"reactivations": 2}),
    "size and start task of a pool": (POOL, {"targetDedicatedNodes": 3, "startTask": step()}),
    "integers to end": (RANGE, {"terminatedIds": "1,3-4"}),
    "integers to run once more": (RANGE, {"reactivations": 1, "reactivatedIds": "5"}),
    "a node taken out": (NODE, {"schedulingState": "disabled", "reboots": 3}),
}


@pytest.mark.parametrize("case", TAKEN)
def test_a_change_that_can_be_followed_is_taken(cluster: Cluster, case: str) -> None:
    assert refusal_of_change(cluster, *TAKEN[case]) == ""


def test_a_pool_can_be_scaled_like_a_deployment(cluster: Cluster) -> None:
    cluster.kubectl("scale", "batchpool", "fixed", "--replicas=4")
    stored = cluster.get("batchpool", "fixed")
    assert stored is not None
    assert stored["spec"]["targetDedicatedNodes"] == 4


def test_objects_can_be_selected_by_field(cluster: Cluster) -> None:
    names = cluster.kubectl("get", "btask", "--field-selector=spec.jobId=demo", "-o", "name").split()
    assert names == ["batchtask.batchyard.io/fixed", "batchtask.batchyard.io/range"]
