"""What becomes of a task when its attempt ends (Azure 4.2 to 4.4, 14.6)."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.core.actions import Patch
from batchyard.core.tasks.evictions import Fate
from batchyard.core.tasks.outcomes import Surroundings, settle
from batchyard.core.tasks.verdicts import Ended, Lost, Verdict
from batchyard.core.times import stamp
from batchyard.node.protocol import RunResult
from tests import build


def settled(verdict: Verdict, task: dict[str, Any] | None = None, **around: Any) -> dict[str, Any]:
    facts = build.task(**(task or {}))
    action = settle(facts, verdict, Surroundings(**{"now": build.T0, "job_max_retries": 0, "max_recoveries": 10, **around}), {})  # fmt: skip
    assert isinstance(action, Patch)
    status: dict[str, Any] = action.body["status"]
    return status


def ran(exit_code: int | None, code: str = "") -> Ended:
    return Ended(RunResult(exit_code, None, None, code=code))


def test_exit_code_zero_is_success() -> None:
    status = settled(ran(0))
    assert (status["state"], status["executionInfo"]["result"]) == ("completed", "success")


@pytest.mark.parametrize("code", ["TaskEnded", "CommandProgramNotFound", "DiskFull"])
def test_only_a_non_zero_exit_is_retried(code: str) -> None:
    """4.3: pre-processing errors are never retried; 14.6: nor is a run whose wall clock ran out."""
    status = settled(ran(None, code), {"max_retries": -1})
    assert status["executionInfo"]["failureInfo"]["code"] == code


def test_a_failed_run_goes_back_to_the_queue_under_the_next_attempt_number() -> None:
    status = settled(ran(1), {"max_retries": 1, "attempt": 3})
    assert (status["state"], status["attempt"], status["executionInfo"]["retryCount"]) == ("active", 4, 1)


def test_retries_used_up_complete_the_task() -> None:
    assert settled(ran(1), {"max_retries": 1, "retry_count": 1})["state"] == "completed"


def test_a_task_without_a_count_of_its_own_inherits_the_jobs() -> None:
    """14.7."""
    assert settled(ran(1), job_max_retries=1)["state"] == "active"


def test_a_recovery_uses_none_of_the_users_retries() -> None:
    """4.3: not counted, even with maxTaskRetryCount 0."""
    status = settled(Lost("NodeLost"))
    assert (status["state"], status["recoveryCount"]) == ("active", 1)
    assert "retryCount" not in status["executionInfo"]


def test_recoveries_have_an_end() -> None:
    status = settled(Lost("NodeLost"), {"recovery_count": 10})
    assert status["executionInfo"]["failureInfo"]["code"] == "MaxInternalRetryCountReached"


def test_a_run_that_succeeded_while_the_job_ends_stays_a_success() -> None:
    assert settled(ran(0), fate=Fate.TERMINATE)["executionInfo"]["result"] == "success"


def test_a_run_killed_by_the_end_of_its_job_is_task_ended() -> None:
    assert settled(Lost("PodDeleted"), fate=Fate.TERMINATE)["executionInfo"]["failureInfo"]["code"] == "TaskEnded"


@pytest.mark.parametrize(
    ("verdict", "fate", "counted"),
    [
        (ran(1), None, {"retryCount": 3, "lastRetryTime": stamp(build.T0)}),
        (Lost("PodDeleted"), Fate.REQUEUE, {"requeueCount": 5, "lastRequeueTime": stamp(build.T0)}),
        (Lost("NodeLost"), None, {}),
    ],
)
def test_retry_requeue_and_recovery_each_move_one_counter_only(
    verdict: Verdict, fate: Fate | None, counted: dict[str, object]
) -> None:
    """4.3, 14.5: the user's own failures, what users caused, what the cluster did."""
    task = {"max_retries": -1, "retry_count": 2, "requeue_count": 4, "recovery_count": 6}
    status = settled(verdict, task, fate=fate)
    counters = ("retryCount", "lastRetryTime", "requeueCount", "lastRequeueTime")
    assert {name: value for name, value in status["executionInfo"].items() if name in counters} == counted
    assert status.get("recoveryCount") == (None if counted else 7)


def test_retries_without_limit_go_on() -> None:
    """4.3: -1."""
    assert settled(ran(1), {"max_retries": -1, "retry_count": 1000})["state"] == "active"
