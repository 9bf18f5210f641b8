"""A failed task that its user asks for once more (Azure: reactivate). Each raise of spec.reactivations is answered once."""

from __future__ import annotations

from batchyard.api.job import Job
from batchyard.api.states import JobState
from batchyard.core.actions import Action
from batchyard.core.conditions import Observed, merge
from batchyard.core.facts import TaskFacts
from batchyard.core.tasks import range_status
from batchyard.core.tasks.outcomes import again
from batchyard.core.tasks.telling import tell

OVER = (JobState.TERMINATING, JobState.COMPLETED)


def answer(task: TaskFacts, job: Job, now: float) -> Action:
    """Runs again with its retries counted anew, or is told why not; asked once more only by a further raise."""
    refusal = _refused(task, job)
    observed = refusal or Observed("Reactivated", status=True, reason="Reactivated", message="it runs again")
    answered = {
        "reactivations": task.reactivations_asked,
        "conditions": merge(task.conditions, [observed], now=now, generation=task.generation),
    }
    if refusal:
        return tell(task, answered, now)
    if task.indexes is not None:
        return range_status.again(task, now, answered)
    return tell(task, {**again(task, {"retryCount": 0}), "recoveryCount": 0, **answered}, now)


def _refused(task: TaskFacts, job: Job) -> Observed | None:
    """Azure's 409, in its words."""
    if job.metadata.deleting or job.status.state in OVER:
        state = "deleting" if job.metadata.deleting else str(job.status.state)
        return _no(f"Job{state.capitalize()}", f"job {job.name!r} is {state}; use a new job")
    if task.indexes is not None and task.indexes.failed and not task.wants_end:
        nobody = (
            "of those that are asked for none has failed, or terminatedIds has it; only a failed task can run again"
        )
        return None if range_status.failed(task) else _no("TaskNotCompleted", nobody)
    if task.state != "completed":
        return _no("TaskNotCompleted", f"it is {task.state}; only a failed task can run again")
    if task.succeeded:
        return _no("TaskSucceeded", "it has succeeded, and success is final; create a new task")
    if task.wants_end:
        return _no("TaskTerminated", "desiredState terminated is final; create a new task")
    return None


def _no(reason: str, message: str) -> Observed:
    return Observed("Reactivated", status=False, reason=reason, message=message)
