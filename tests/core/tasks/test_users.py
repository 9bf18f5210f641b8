"""Whom a command runs as (Azure 4.1: userIdentity, 1.1: userAccounts)."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.api.command import UserIdentity
from batchyard.api.task import TaskSpec
from batchyard.core.jobs.misfits import of_task
from batchyard.core.pods.job import preparation_daemon_set, release_pod, task_pod
from batchyard.core.pods.pool import daemon_set
from batchyard.core.tasks.users import is_admin
from tests import build

ACCOUNTS: dict[str, Any] = {"userAccounts": [{"name": "root", "elevationLevel": "admin"}, {"name": "me"}]}
ALLOWED: dict[str, Any] = {**ACCOUNTS, "maxElevationLevel": "admin"}


@pytest.mark.parametrize(
    ("user", "admin"),
    [
        ({}, False),
        ({"autoUser": {"scope": "pool"}}, False),
        ({"autoUser": {"scope": "task", "elevationLevel": "admin"}}, True),
        ({"userName": "me"}, False),
        ({"userName": "root"}, True),
    ],
)
def test_elevation_is_that_of_the_auto_user_or_of_the_account_named(user: dict[str, Any], admin: bool) -> None:
    identity = UserIdentity.model_validate(user)
    assert is_admin(identity, build.pool(**ALLOWED)) is admin
    assert not is_admin(identity, build.pool(**ACCOUNTS)), "nobody gets more than the pool allows"


def misfit(user: dict[str, Any], **pool: Any) -> str:
    task = TaskSpec.model_validate({"jobId": "demo", "commandLine": "true", "userIdentity": user})
    return of_task(task, build.pool(**pool))


def test_a_user_that_the_pool_does_not_have_is_told() -> None:
    assert "'nobody'" in misfit({"userName": "nobody"}, **ALLOWED)
    assert not misfit({"userName": "me"}, **ALLOWED)


def test_an_account_that_is_more_than_the_pool_allows_is_told() -> None:
    assert "maxElevationLevel" in misfit({"userName": "root"}, **ACCOUNTS)


def test_a_pool_from_the_time_when_ids_could_be_0_is_read_and_nobody_is_root_by_them() -> None:
    old = {"name": "old", "linuxUserConfiguration": {"uid": 2000, "gid": 0}}
    assert "uid or gid" in misfit({"userName": "old"}, userAccounts=[old, {"name": "me"}])
    assert not misfit({"userName": "me"}, userAccounts=[old, {"name": "me"}])


def test_an_account_with_ids_of_its_own_is_what_every_command_that_names_it_runs_as() -> None:
    """4.1.9: task, preparation, release and start task; all of the pool share its group."""
    mine = {"name": "mine", "linuxUserConfiguration": {"uid": 2000, "gid": 3000}}
    step = {"commandLine": "true", "userIdentity": {"userName": "mine"}}
    pool = build.pool(userAccounts=[mine, {"name": "me"}], startTask=step)
    job = build.job(jobPreparationTask=step, jobReleaseTask=step)
    spec = TaskSpec.model_validate({"jobId": "demo", **step})
    daemon_sets = preparation_daemon_set(pool, job, ["node1"], build.RULES), daemon_set(pool, ["node1"], build.RULES)
    pods = [
        task_pod(pool, job, build.task(), spec, "node1")["spec"],
        release_pod(pool, job, build.job_node())["spec"],
        *(each["spec"]["template"]["spec"] for each in daemon_sets),
    ]
    for pod in pods:
        (command,) = (c for c in (*pod["containers"], *pod.get("initContainers", ())) if "run.sh" in str(c["command"]))
        context = command["securityContext"]
        assert (context["runAsUser"], context["runAsGroup"], context["runAsNonRoot"]) == (2000, 3000, True)
        assert pod["securityContext"] == {"supplementalGroups": [1000]}


def test_an_account_without_ids_is_the_pools_user() -> None:
    spec = TaskSpec.model_validate({"jobId": "demo", "commandLine": "true", "userIdentity": {"userName": "me"}})
    pod = task_pod(build.pool(**ACCOUNTS), build.job(), build.task(), spec, "node1")["spec"]
    assert pod["containers"][0]["securityContext"]["runAsUser"] == 1000
    assert "securityContext" not in pod
