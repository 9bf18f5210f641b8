"""What is asked of a job just now: to end, to pause, or to go on (Azure 3.2, 3.3). Whether it may is for lifecycle.py."""

from __future__ import annotations

from batchyard.api.duration import seconds
from batchyard.api.job import Job
from batchyard.api.states import DisableTasks, JobAction, JobDesiredState, OnAllTasksComplete
from batchyard.core.jobs import job_actions
from batchyard.core.jobs.inline_tasks import all_created
from batchyard.core.snapshot import JobView
from batchyard.core.tasks import attempts

USER_TERMINATE = "UserTerminate"
WALL_CLOCK = "MaxWallClockTimeExpiry"
ALL_TASKS_COMPLETE = "AllTasksComplete"
TASK_FAILED = "TaskFailed"


def why_end(view: JobView, job: Job, now: float) -> str:
    """The terminate reason; empty while nothing asks for the end. The user's own word goes first."""
    if job.spec.desired_state is JobDesiredState.TERMINATED:
        return job.spec.terminate_reason or USER_TERMINATE
    if (deadline := wall_clock_end(job)) is not None and now >= deadline:
        return WALL_CLOCK
    if job_actions.asking(view, job, JobAction.TERMINATE) is not None:
        return TASK_FAILED
    wants = job.spec.on_all_tasks_complete is OnAllTasksComplete.TERMINATE_JOB
    return ALL_TASKS_COMPLETE if wants and _all_complete(view, job) else ""


def _all_complete(view: JobView, job: Job) -> bool:
    """A job without tasks counts as complete (3.3), but not while its inline tasks are still being made."""
    return all_created(view, job) and view.tasks.counts.open == 0 and attempts.settled(view)


def wall_clock_end(job: Job) -> float | None:
    """When the job's time is up (epoch seconds), counted from its creation, whatever state it is in."""
    limit, created = job.spec.constraints.max_wall_clock_time, job.metadata.creation_timestamp
    return created.timestamp() + seconds(limit) if limit and created else None


def disabled(view: JobView, job: Job) -> bool:
    """At its user's wish, or because a task asked for it."""
    return job.spec.desired_state is JobDesiredState.DISABLED or job_actions.disabled_by(view, job) != ""


def disable_option(job: Job) -> DisableTasks:
    """What becomes of running tasks. A task's end disables with requeue (3.3)."""
    wished = job.spec.desired_state is JobDesiredState.DISABLED
    return job.spec.disable_tasks if wished or not job.status.disabled_by_task else DisableTasks.REQUEUE
