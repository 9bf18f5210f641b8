"""What the end of a task means for its job and for the tasks that depend on it (Azure 4.5). Judged when it completes, after all retries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from batchyard.api.exits import ExitConditions, ExitOptions
from batchyard.api.states import DependencyAction, JobAction
from batchyard.api.task import Task

FILE_UPLOAD_CODES = frozenset(
    {"FileUploadContainerNotFound", "FileUploadAccessDenied", "FileUploadTimedOut", "FileUploadMiscError"}
)
NOT_OF_THE_START = frozenset({"TaskEnded", "MaxInternalRetryCountReached", *FILE_UPLOAD_CODES})
"""Failures of a task that may well have begun."""


@dataclass(frozen=True, slots=True)
class Consequence:
    job_action: JobAction
    dependency_action: DependencyAction


def of_task(task: Task) -> Consequence | None:
    """None while the task is open."""
    info = task.status.execution_info
    if task.status.state != "completed" or info is None:
        return None
    code = info.failure_info.code if info.failure_info is not None else ""
    return consequence(task.spec.exit_conditions, info.exit_code, code)


def satisfies(task: Task) -> bool:
    """It is completed, and tasks that depend on it may start."""
    found = of_task(task)
    return found is not None and found.dependency_action is DependencyAction.SATISFY


def consequence(conditions: ExitConditions | None, exit_code: int | None, code: str) -> Consequence:
    """`code` is that of failureInfo, empty after success. What the chosen options leave open is as if there were none."""
    failed = bool(code) or exit_code != 0
    options = _options(conditions or ExitConditions(), exit_code, code, failed=failed) or ExitOptions()
    return Consequence(
        options.job_action or (JobAction.TERMINATE if failed else JobAction.NONE),
        options.dependency_action or (DependencyAction.BLOCK if failed else DependencyAction.SATISFY),
    )


def _options(conditions: ExitConditions, exit_code: int | None, code: str, *, failed: bool) -> ExitOptions | None:
    """The exit code goes first, a single one before ranges; then what went wrong around the command; then the default."""
    if exit_code is not None and (listed := next(_listed(conditions, exit_code), None)) is not None:
        return listed
    if not failed:
        return None
    if code in FILE_UPLOAD_CODES:
        return conditions.file_upload_error or conditions.default
    if exit_code is None and code not in NOT_OF_THE_START:
        return conditions.pre_processing_error or conditions.default
    return conditions.default


def _listed(conditions: ExitConditions, exit_code: int) -> Iterator[ExitOptions]:
    yield from (each.exit_options for each in conditions.exit_codes if each.code == exit_code)
    yield from (each.exit_options for each in conditions.exit_code_ranges if each.start <= exit_code <= each.end)


def all_options(conditions: ExitConditions | None) -> Iterator[ExitOptions]:
    if conditions is not None:
        yield from (each.exit_options for each in conditions.exit_codes)
        yield from (each.exit_options for each in conditions.exit_code_ranges)
        others = conditions.pre_processing_error, conditions.file_upload_error, conditions.default
        yield from (each for each in others if each is not None)
