"""Tasks that one BatchTask stands for: one for every integer of a range, and what its status says of them all."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from .execution import Code
from .model import Count, Model, rule, rules
from .states import DependencyAction, JobAction

MOST = 10_000
Ids = Annotated[str, Field(max_length=65536)]
_RUN = "[0-9]{1,10}(-[0-9]{1,10})?"
ChosenIds = Annotated[str, Field(max_length=65536, pattern=f"^({_RUN}(,{_RUN})*)?$")]


class TaskRange(Model):
    model_config = ConfigDict(
        json_schema_extra=rules(
            rule("self.start <= self.end", "start must not be greater than end", ".start"),
            rule(
                f"self.end - self.start < {MOST}",
                f"at most {MOST} integers from start to end: use several tasks with a range each",
                ".end",
            ),
        )
    )

    start: Count
    """First integer, at least 0."""
    end: Count
    """Last integer, included; at most 9999 more than start."""


class RangeCounts(Model):
    active: Count = 0
    """Waiting or running."""
    succeeded: Count = 0
    """Completed with result success."""
    failed: Count = 0
    """Completed with result failure."""


class RangeFailure(Model):
    failure_code: Code
    """Azure's code, for example FailureExitCode or TaskEnded; Other after the first 24 kinds of failures."""
    exit_code: int | None = None
    """Exit code of the command; absent if it never ran."""
    dependency_action: DependencyAction | None = None
    """satisfy if tasks that depend on these may start."""
    job_action: JobAction | None = None
    """What these ends ask of the job and is not done yet."""
    ids: Ids
    """Which: 1,3-5 are 1, 3, 4 and 5."""


class RangeTry(Model):
    attempt: Count = 0
    """Number of their current attempt."""
    retry_count: Count = 0
    """How often they were run again after a non-zero exit code."""
    requeue_count: Count = 0
    """How often a user's action put them back into the queue."""
    recovery_count: Count = 0
    """How often they were run again because a node failed."""
    pending_failure: Code = ""
    """Why they are about to fail: their Pods cannot start and are being taken away."""
    ids: Ids
    """Which: 1,3-5 are 1, 3, 4 and 5."""


class RangeStatus(Model):
    base: Count = 0
    """To be added to every integer in the lists below; only where 10000 of them have more than four digits."""
    counts: RangeCounts = RangeCounts()
    """How many of them are in which state."""
    succeeded: Ids = ""
    """Those that have succeeded: 1,3-5 are 1, 3, 4 and 5."""
    asking: Ids = ""
    """Those that have succeeded as well, and whose jobAction for exit code 0 is not done yet."""
    failed: Annotated[tuple[RangeFailure, ...], Field(max_length=64)] = ()
    """Those that have failed for good, by how they ended."""
    tried: Annotated[tuple[RangeTry, ...], Field(max_length=64)] = ()
    """Those that have been tried and have not ended, by what they have been through. All that stand nowhere wait for their first try or have it."""
