"""Exit conditions of a task: what follows from how it ended. The words only; core decides which one applies."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from .model import Model, keyed_by, rule, rules
from .states import DependencyAction, JobAction

ExitCode = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]


class ExitOptions(Model):
    job_action: JobAction | None = None
    """What happens to the job: none, disable or terminate. Needs onTaskFailure performexitoptionsjobaction on the job."""
    dependency_action: DependencyAction | None = None
    """Whether dependent tasks may run: satisfy or block."""


class ExitCodeMapping(Model):
    code: ExitCode
    """The exit code."""
    exit_options: ExitOptions
    """What follows from it."""


class ExitCodeRangeMapping(Model):
    model_config = ConfigDict(
        json_schema_extra=rules(rule("self.start <= self.end", "start must not be greater than end", ".start"))
    )

    start: ExitCode
    """First exit code."""
    end: ExitCode
    """Last exit code, included."""
    exit_options: ExitOptions
    """What follows from them."""


class ExitConditions(Model):
    exit_codes: Annotated[tuple[ExitCodeMapping, ...], Field(max_length=64, json_schema_extra=keyed_by("code"))] = ()
    """By single exit code."""
    exit_code_ranges: Annotated[tuple[ExitCodeRangeMapping, ...], Field(max_length=64)] = ()
    """By range of exit codes; a single code listed in exitCodes goes first."""
    pre_processing_error: ExitOptions | None = None
    """If the command could not be started."""
    file_upload_error: ExitOptions | None = None
    """If output files could not be uploaded."""
    default: ExitOptions | None = None
    """In every other case but exit code 0."""
