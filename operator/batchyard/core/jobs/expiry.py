"""Jobs that are deleted some time after their end (`ttlSecondsAfterFinished`, as of the cluster's own Jobs; Azure keeps all)."""

from __future__ import annotations

from collections.abc import Iterator

from batchyard.api.job import Job
from batchyard.api.states import JobState
from batchyard.core.actions import Delete, ref


def expires_at(job: Job) -> float | None:
    """Epoch seconds; None while it has not ended, and for one that stays."""
    info, seconds = job.status.execution_info, job.spec.ttl_seconds_after_finished
    if job.status.state is not JobState.COMPLETED or seconds is None or info is None or info.end_time is None:
        return None
    return info.end_time.timestamp() + seconds


def plan_expiry(job: Job, now: float) -> Iterator[Delete]:
    """From then on it ends as if its user had deleted it: its directories are wiped, its tasks go."""
    if (at := expires_at(job)) is not None and now >= at:
        yield Delete(ref(job), unchanged=True)
