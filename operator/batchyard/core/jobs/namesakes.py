"""What is said about a job whose id another job has already (Azure: ids are unique without regard to case)."""

from __future__ import annotations

from collections.abc import Iterator

from batchyard.api.job import Job
from batchyard.core import people
from batchyard.core.actions import Action, patch_status, ref
from batchyard.core.conditions import Observed, merge


def plan_status(job: Job, other: str, *, now: float) -> Iterator[Action]:
    """`other` is the name of the job that was there first."""
    message = f"job {other!r} has the same id but for case; ids are unique without regard to case, choose another; this job never runs"
    observed = [
        Observed("Admitted", status=False, reason="JobExists", message=message),
        Observed("Stalled", status=True, reason="JobExists", message=message),
    ]
    before = job.status.to_wire().get("conditions", [])
    desired = merge(before, observed, now=now, generation=job.metadata.generation)
    if desired != before or job.status.observed_generation != job.metadata.generation:
        yield patch_status(ref(job), {"observedGeneration": job.metadata.generation, "conditions": desired})
        yield from people.call(job, observed)
