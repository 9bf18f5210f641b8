"""What nothing acts on yet is told to the user by name."""

from typing import Any

import pytest

from batchyard.api.job import Job
from batchyard.api.meta import Resource
from batchyard.api.node import Node
from batchyard.api.pool import Pool
from batchyard.api.task import Task
from batchyard.api.unsupported import NOT_YET, unsupported
from tests.api.manifests import inline, job, node, pool, step, task


@pytest.mark.parametrize(
    ("kind", "document", "paths"),
    [
        (Pool, pool(), []),
        (Pool, pool(resizeTimeout="PT20M", targetLowPriorityNodes=1, lostAfter="1h"), []),
        (Pool, pool(nodeDeallocationOption="taskcompletion"), []),
        (Pool, pool(userAccounts=[{"name": "me", "linuxUserConfiguration": {"uid": 2000, "gid": 2000}}]), []),
        (
            Pool,
            pool(startTask=step(containerSettings={"imageName": "a", "containerRunOptions": "--rm"})),
            ["startTask.containerSettings.containerRunOptions"],
        ),
        (Pool, pool(taskSchedulingPolicy={"nodeFillType": "pack"}), []),
        (Pool, pool(taskSchedulingPolicy={"jobDefaultOrder": "creationtime"}), []),
        (Job, job(jobPreparationTask=step(), jobReleaseTask=step(), desiredState="terminated"), []),
        (Job, job(desiredState="disabled", disableTasks="wait"), []),
        (Job, job(onTaskFailure="performexitoptionsjobaction"), []),
        (
            Job,
            job(tasks=inline("a", "b", containerSettings={"imageName": "a", "containerRunOptions": "--x"})),
            [f"tasks[{i}].containerSettings.containerRunOptions" for i in (0, 1)],
        ),
        (Task, task(desiredState="terminated", constraints={"maxTaskRetryCount": 3}), []),
        (Task, task(range={"start": 1, "end": 2}, reactivations=1), []),
        (Task, task(userIdentity={"userName": "me"}), []),
        (Node, node(schedulingState="disabled", reboots=1), []),
    ],
)
def test_fields_set_to_more_than_their_default_are_named(
    kind: type[Resource], document: dict[str, Any], paths: list[str]
) -> None:
    assert sorted(unsupported(kind.model_validate(document).spec)) == sorted(paths)  # type: ignore[attr-defined]


def test_every_listed_field_exists() -> None:
    for model, fields in NOT_YET.items():
        assert fields <= model.model_fields.keys(), model.__name__
