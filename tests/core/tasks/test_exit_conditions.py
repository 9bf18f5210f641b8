"""What the end of a task means for its job and its dependents (Azure 4.5)."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.api.exits import ExitConditions
from batchyard.api.states import JobAction
from batchyard.core.tasks.exit_conditions import consequence
from batchyard.kube import observe
from tests import build

LISTED: dict[str, Any] = {
    "exitCodes": [{"code": 3, "exitOptions": {"jobAction": "disable", "dependencyAction": "satisfy"}}],
    "exitCodeRanges": [{"start": 1, "end": 9, "exitOptions": {"jobAction": "none"}}],
}
ERRORS: dict[str, Any] = {
    "preProcessingError": {"dependencyAction": "satisfy"},
    "fileUploadError": {"jobAction": "disable"},
    "default": {"jobAction": "none"},
}


def judged(conditions: dict[str, Any] | None, exit_code: int | None, code: str = "") -> tuple[str, str]:
    model = None if conditions is None else ExitConditions.model_validate(conditions)
    found = consequence(model, exit_code, code)
    return found.job_action.value, found.dependency_action.value


@pytest.mark.parametrize(
    ("exit_code", "code", "expected"),
    [
        (0, "", ("none", "satisfy")),
        (1, "FailureExitCode", ("terminate", "block")),
        (None, "CommandProgramNotFound", ("terminate", "block")),
        (143, "TaskEnded", ("terminate", "block")),
    ],
)
def test_without_conditions_only_success_satisfies(exit_code: int | None, code: str, expected: tuple[str, str]) -> None:
    assert judged(None, exit_code, code) == expected


def test_single_exit_code_beats_an_overlapping_range() -> None:
    assert judged(LISTED, 3, "FailureExitCode") == ("disable", "satisfy")


def test_a_range_of_exit_codes_includes_both_ends() -> None:
    assert {judged(LISTED, code, "FailureExitCode")[0] for code in (1, 9)} == {"none"}
    assert judged(LISTED, 10, "FailureExitCode") == ("terminate", "block")


def test_what_the_options_leave_open_is_as_without_them() -> None:
    assert judged(LISTED, 1, "FailureExitCode") == ("none", "block")


def test_default_covers_every_other_failure_but_never_success() -> None:
    assert judged({"default": {"jobAction": "none", "dependencyAction": "satisfy"}}, 7, "FailureExitCode") == ("none", "satisfy")  # fmt: skip
    assert judged({"default": {"jobAction": "disable", "dependencyAction": "block"}}, 0) == ("none", "satisfy")


def test_success_behaves_otherwise_only_if_its_code_is_listed() -> None:
    block = {"exitCodes": [{"code": 0, "exitOptions": {"dependencyAction": "block"}}]}
    assert judged(block, 0) == ("none", "block")


def test_a_command_that_never_ran_is_a_pre_processing_error() -> None:
    assert judged(ERRORS, None, "CommandProgramNotFound") == ("terminate", "satisfy")
    assert judged({"default": {"jobAction": "none"}}, None, "DiskFull") == ("none", "block")


def test_a_task_that_was_ended_is_no_pre_processing_error() -> None:
    assert judged(ERRORS, None, "TaskEnded") == ("none", "block")


def test_an_upload_error_counts_only_if_the_exit_code_is_not_listed() -> None:
    assert judged(ERRORS, 0, "FileUploadMiscError") == ("disable", "block")
    assert judged({**ERRORS, **LISTED}, 3, "FileUploadMiscError") == ("disable", "satisfy")


def completed(exit_code: int, name: str = "a") -> dict[str, Any]:
    conditions = {"exitCodes": [{"code": 2, "exitOptions": {"jobAction": "disable", "dependencyAction": "satisfy"}}]}
    info = {
        "exitCode": exit_code,
        "result": "failure",
        "endTime": "2027-01-15T08:00:00Z",
        "failureInfo": {"category": "usererror", "code": "FailureExitCode"},
    }
    return {
        "metadata": build.metadata(f"demo.{name}"),
        "spec": {"jobId": "demo", "id": name, "commandLine": "true", "exitConditions": conditions},
        "status": {"state": "completed", "executionInfo": info},
    }


def test_a_failed_task_whose_exit_code_satisfies_lets_its_dependents_start() -> None:
    view = build.tasks(observe.task(completed(2)), build.task("child", depends_on=("a",)))
    assert [task.id for task in view.waiting[1]] == ["child"]
    assert (view.counts.failed, view.counts.blocked) == (1, 0)


def test_what_the_end_of_a_task_asks_of_its_job_is_what_its_exit_conditions_say() -> None:
    view = build.tasks(observe.task(completed(2)), observe.task(completed(5, "b")))
    assert {task.id: task.asks_of_job for task in view.asking.values()} == {
        "a": JobAction.DISABLE,
        "b": JobAction.TERMINATE,
    }
