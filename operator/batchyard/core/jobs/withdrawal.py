"""Tasks that wait on a node for its preparation when their job stops: taken back, or ended with it (Azure 3.7.21, 3.7.22)."""

from __future__ import annotations

from collections.abc import Iterator

from batchyard.api.job import Job
from batchyard.api.states import JobState
from batchyard.core.actions import Action
from batchyard.core.jobs.lifecycle import PAUSED, fate
from batchyard.core.snapshot import JobView
from batchyard.core.tasks import attempts
from batchyard.core.tasks.evictions import Fate
from batchyard.core.tasks.outcomes import never_started
from batchyard.core.tasks.telling import tell

STOPPED = (*PAUSED, JobState.TERMINATING, JobState.COMPLETED)


def plan_preparing(view: JobView, job: Job, *, now: float) -> Iterator[Action]:
    """They have not run yet: unless tasks are to be ended they go back to the queue, with no counter moved."""
    if job.metadata.deleting or job.status.state not in STOPPED or not view.tasks.preparing:
        return
    running = attempts.unsettled(view)
    ends = fate(job) is Fate.TERMINATE
    for task in view.tasks.preparing.values():
        if task.unit not in running:
            yield never_started(task, now) if ends else tell(task, {"state": "active", "nodeInfo": None}, now)
