"""Tasks that their job or pool cannot take, in Azure's words. What is refused never runs."""

from __future__ import annotations

from batchyard.api.job import Job
from batchyard.api.states import OnTaskFailure
from batchyard.core.actions import Action
from batchyard.core.conditions import Observed, merge
from batchyard.core.facts import TaskFacts
from batchyard.core.snapshot import JobTasks
from batchyard.core.tasks.ranges import holds
from batchyard.core.tasks.telling import tell


def refused(task: TaskFacts, job: Job, tasks: JobTasks) -> Observed | None:
    """Azure's 409 for a task that the job cannot take (3.7.17, 3.8.14, 4.1). A range is taken whole or not at all."""
    spec = job.spec
    if spec.job_preparation_task is not None and _has_id(task, spec.job_preparation_task.id):
        says = f"id {spec.job_preparation_task.id!r} is the job preparation task's; choose another"
        return _refusal("TaskIdSameAsJobPreparationTask", says)
    if spec.job_release_task is not None and _has_id(task, spec.job_release_task.id):
        says = f"id {spec.job_release_task.id!r} is the job release task's; choose another"
        return _refusal("TaskIdSameAsJobReleaseTask", says)
    first = tasks.rivals.get(task.ref.uid) or tasks.by_key.get(task.key, (task,))[0]
    if first.ref.uid != task.ref.uid:
        says = f"BatchTask {first.ref.name!r} of job {job.name!r} has id {_shared(task, first)!r} already"
        return _refusal("TaskExists", f"{says}; choose another")
    if (task.depends_on or task.depends_on_ranges) and not spec.uses_task_dependencies:
        return _refusal(
            "TaskDependenciesNotSpecifiedOnJob",
            f"dependsOn needs usesTaskDependencies: true on job {job.name!r}; set it on a new job",
        )
    if task.names_job_action and spec.on_task_failure is OnTaskFailure.NO_ACTION:
        needs = "a jobAction in exitConditions needs onTaskFailure: performexitoptionsjobaction"
        return _refusal("InvalidPropertyValue", f"{needs} on job {job.name!r}; set it on a new job")
    return None


def _has_id(task: TaskFacts, task_id: str) -> bool:
    return task.key == task_id.lower() or holds(task, task_id)


def _shared(task: TaskFacts, first: TaskFacts) -> str:
    """An id that both have."""
    if task.indexes is None or first.indexes is None:
        return (task if first.indexes is not None else first).id
    return str(max(task.indexes.start, first.indexes.start))


def misconfigured(task: TaskFacts, misfit: str, now: float) -> Action:
    """What the pool cannot give is refused, never silently lowered or left to the API server."""
    return say(task, [_refusal("Misconfigured", misfit)], now)


def _refusal(reason: str, message: str) -> Observed:
    return Observed("Admitted", status=False, reason=reason, message=f"{message}; this task never runs")


def say(task: TaskFacts, observed: list[Observed], now: float) -> Action:
    conditions = merge(task.conditions, observed, now=now, generation=task.generation)
    return tell(task, {"conditions": conditions}, now)
