"""What a record says about its node (Azure 3.7, 3.8, 14.1, 14.2; design S1, S3, S4)."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.core.tasks.scheduling import Readiness
from batchyard.core.times import stamp
from tests import build
from tests.build import prepared

INFO = "jobPreparationTaskExecutionInfo"
RELEASED = {"jobReleaseTaskExecutionInfo": {"state": "completed", "result": "failure"}}


def test_a_task_is_admitted_only_after_success_in_this_boot() -> None:
    assert (
        build.record(**{INFO: prepared(), "tasksStarted": True}).readiness(preparation_started=True) is Readiness.READY
    )
    other = build.record(**{INFO: prepared(boot="boot0"), "tasksStarted": True})
    assert other.readiness(preparation_started=True) is Readiness.PREPARING


def test_a_prepared_node_is_marked_before_its_first_task() -> None:
    assert build.record(**{INFO: prepared()}).readiness(preparation_started=True) is Readiness.UNMARKED


def test_a_node_whose_preparation_failed_is_excluded() -> None:
    assert build.record(**{INFO: prepared("failure")}).readiness(preparation_started=True) is Readiness.EXCLUDED


@pytest.mark.parametrize(("rerun", "failed"), [(True, False), (False, True)])
def test_a_reboot_gives_a_failed_preparation_another_chance_only_if_it_reruns(rerun: bool, failed: bool) -> None:
    job = build.job(jobPreparationTask={**build.PREPARATION, "rerunOnNodeRebootAfterSuccess": rerun})
    assert build.record(of=job, **{INFO: prepared("failure", "boot0")}).failed is failed


def test_without_wait_for_success_a_task_may_start_when_preparation_has_started() -> None:
    """3.7.6: preparation still starts no later than the first task."""
    job = build.job(jobPreparationTask={**build.PREPARATION, "waitForSuccess": False})
    assert build.record(of=job).readiness(preparation_started=False) is Readiness.PREPARING
    assert build.record(of=job).readiness(preparation_started=True) is Readiness.UNMARKED


@pytest.mark.parametrize(
    ("status", "owes"),
    [
        ({INFO: prepared(), "tasksStarted": True}, True),
        ({INFO: prepared(boot="boot0"), "tasksStarted": True}, True),
        ({INFO: prepared()}, False),
        ({INFO: prepared("failure"), "tasksStarted": True}, True),  # prepared once more after a reboot, in vain
        ({INFO: {"state": "running", "bootID": "boot1"}, "tasksStarted": True}, True),  # or still at it
        ({INFO: prepared(), "tasksStarted": True, **RELEASED}, False),
    ],
)
def test_release_is_owed_once_where_preparation_succeeded_and_a_task_was_started(
    status: dict[str, Any], owes: bool
) -> None:
    assert build.record(**status).owes_release is owes


def test_without_wait_for_success_a_task_that_was_started_proves_no_preparation() -> None:
    job = build.job(jobPreparationTask={**build.PREPARATION, "waitForSuccess": False}, jobReleaseTask=build.RELEASE)
    for result, owes in (("failure", False), ("success", True)):
        assert build.record(of=job, **{INFO: prepared(result), "tasksStarted": True}).owes_release is owes


def test_a_record_that_is_deleted_by_hand_admits_no_task_until_it_is_closed() -> None:
    assert build.record(meta={"deletionTimestamp": stamp(build.T0)}, **{INFO: prepared(), "tasksStarted": True}).stale


def test_another_machine_of_the_name_owes_nothing() -> None:
    replaced = build.record(on=build.node(uid="new"), **{INFO: prepared(), "tasksStarted": True})
    assert replaced.stale
    assert not replaced.owes_release
