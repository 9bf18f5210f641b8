"""Whom a command runs as (Azure 4.1: userIdentity, 1.1: userAccounts)."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.api.command import UserIdentity
from batchyard.api.task import TaskSpec
from batchyard.core.jobs.misfits import of_task
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
