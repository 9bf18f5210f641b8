"""A failed task that is asked for once more (Azure 4.3, 4.2: completed to active)."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.core.actions import Patch
from batchyard.core.snapshot import JobView
from tests import build

FAILED: dict[str, Any] = {"state": "completed", "attempt": 3, "retry_count": 2, "recovery_count": 1, "generation": 2}


def answered(job: dict[str, Any] | None = None, **task: Any) -> dict[str, Any]:
    of = build.job(**(job or {}))
    asked = build.task(**{**FAILED, "reactivations_asked": 1, **task})
    view: JobView = build.view(of, tasks=build.tasks(asked))
    plan = build.planned(build.snapshot(view, of=build.pool(), **build.serving("node1")))
    (patch,) = [a for a in plan.actions if isinstance(a, Patch) and a.ref.uid == asked.ref.uid]
    status: dict[str, Any] = patch.body["status"]
    return status


def test_a_failed_task_runs_again_under_the_next_attempt_with_its_retries_counted_anew() -> None:
    status = answered()
    assert (status["state"], status["attempt"], status["reactivations"]) == ("active", 4, 1)
    assert (status["executionInfo"]["retryCount"], status["recoveryCount"]) == (0, 0)


def test_exit_code_and_failure_info_of_the_earlier_run_are_cleared() -> None:
    info = answered()["executionInfo"]
    cleared = ("exitCode", "failureInfo", "result", "startTime", "endTime")
    assert {name: info[name] for name in cleared} == dict.fromkeys(cleared)


@pytest.mark.parametrize(
    ("reason", "job", "task"),
    [
        ("TaskSucceeded", {}, {"succeeded": True}),
        ("TaskNotCompleted", {}, {"state": "running"}),
        ("TaskTerminated", {}, {"wants_end": True}),
        ("JobCompleted", {"status": {"state": "completed"}}, {}),
        ("JobTerminating", {"status": {"state": "terminating"}}, {}),
    ],
)
def test_what_cannot_run_again_is_told_why_and_the_request_is_used_up(
    reason: str, job: dict[str, Any], task: dict[str, Any]
) -> None:
    status = answered(job, **task)
    condition, *_ = status["conditions"]
    assert (condition["type"], condition["status"], condition["reason"]) == ("Reactivated", "False", reason)
    assert status["reactivations"] == 1
    assert "state" not in status
