"""Tasks written inside a job become BatchTasks of their own, once; a task that its user deletes later is not made again."""

from __future__ import annotations

from collections.abc import Iterator

from batchyard.api import names
from batchyard.api.job import Job
from batchyard.api.task import InlineTask
from batchyard.core.actions import Action, Create, Manifest
from batchyard.core.conditions import Observed
from batchyard.core.pods.parts import owned_by
from batchyard.core.snapshot import JobView

CREATED = "TasksCreated"


def all_created(view: JobView, job: Job) -> bool:
    condition = job.status.condition(CREATED)
    if condition is not None and condition.status == "True":
        return True
    return not any(_missing(view, job))


def _missing(view: JobView, job: Job) -> Iterator[InlineTask]:
    return (task for task in job.spec.tasks if not view.tasks.by_key.get(_key(job, task)))


def _key(job: Job, task: InlineTask) -> str:
    return task.id.lower() if task.range is None else names.range_key(names.task(job.name, task.id))


def plan_inline_tasks(view: JobView, job: Job) -> Iterator[Action]:
    if not all_created(view, job):
        for task in _missing(view, job):
            yield Create("BatchTask", _manifest(job, task), job.uid)


def condition(view: JobView, job: Job) -> Iterator[Observed]:
    """Says nothing of jobs without inline tasks, and never takes back what it said."""
    if job.spec.tasks:
        created = all_created(view, job)
        yield Observed(CREATED, status=created, reason="AllCreated" if created else "Creating")


def _manifest(job: Job, task: InlineTask) -> Manifest:
    body = task.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if task.range is not None:
        del body["id"]  # it names the object; the integers are the ids
    return {
        "apiVersion": names.API_VERSION,
        "kind": "BatchTask",
        "metadata": {
            "name": names.task(job.name, task.id),
            "namespace": job.namespace,
            "labels": {names.LABEL_MANAGED_BY: names.MANAGED_BY, names.LABEL_JOB: job.name},
            "ownerReferences": owned_by("BatchJob", job.name, job.uid),
        },
        "spec": {"jobId": job.name, **body},
    }
