"""What the end of a task does to its job (Azure 3.3): whose end asks for it, and what is remembered of it.

An action is carried out once. That a job is disabled is remembered in the job, so that nobody has to keep the task; that a
task's word has been heard is remembered in the task, so that it is not heard again when the job is enabled.
"""

from __future__ import annotations

from collections.abc import Iterator

from batchyard.api.job import Job
from batchyard.api.states import JobAction, JobDesiredState, OnTaskFailure
from batchyard.api.task import Task
from batchyard.core.actions import Action, patch_status
from batchyard.core.facts import TaskFacts
from batchyard.core.snapshot import JobView
from batchyard.core.tasks import exit_conditions, range_status
from batchyard.core.tasks.ranges import member


def asked_by(task: Task) -> JobAction:
    """By a task's end, and not carried out yet."""
    found = exit_conditions.of_task(task)
    return JobAction.NONE if found is None or task.status.job_action is not None else found.job_action


def names_one(task: Task) -> bool:
    """Whether any exit condition names a job action, which a job with onTaskFailure noaction does not take."""
    return any(options.job_action is not None for options in exit_conditions.all_options(task.spec.exit_conditions))


def asking(view: JobView, job: Job, action: JobAction) -> TaskFacts | None:
    """A task whose end asks this of the job."""
    if job.spec.on_task_failure is OnTaskFailure.NO_ACTION:
        return None
    return next((_asker(task, action) for task in view.tasks.asking.values() if task.asks_of_job is action), None)


def _asker(task: TaskFacts, action: JobAction) -> TaskFacts:
    """Of a range the first that asks."""
    number = next(task.indexes.asking(action), None) if task.indexes is not None else None
    return task if number is None else member(task, number)


def disabled_by(view: JobView, job: Job) -> str:
    """Id of the task that keeps the job disabled; the user's own wish, once written, takes its place."""
    if job.spec.desired_state is JobDesiredState.DISABLED:
        return ""
    if job.status.disabled_by_task:
        return job.status.disabled_by_task
    task = asking(view, job, JobAction.DISABLE)
    return task.id if task is not None else ""


def plan_heard(view: JobView, job: Job, *, now: float) -> Iterator[Action]:
    """The job is disabled, and known to be: whoever asked for it need not be asked again."""
    if job.spec.on_task_failure is OnTaskFailure.NO_ACTION:
        return
    for task in view.tasks.asking.values():
        if task.asks_of_job is JobAction.DISABLE:
            if task.indexes is not None:
                yield range_status.heard(task, JobAction.DISABLE, now)
            else:
                yield patch_status(task.ref, {"jobAction": JobAction.DISABLE.value})
