"""What a pool cannot give: a command without an image, root where the pool forbids it. A sentence, or empty when all is well."""

from __future__ import annotations

from batchyard.api.job import Job, JobPreparationTask, JobReleaseTask
from batchyard.api.pool import Pool, StartTask
from batchyard.api.task import TaskBody
from batchyard.core.tasks.users import account, may_be_admin, own_ids, wants_admin

_Step = TaskBody | JobPreparationTask | JobReleaseTask | StartTask


def of_task(task: TaskBody, pool: Pool) -> str:
    return _of("the task", task, pool)


def of_job(job: Job, pool: Pool) -> str:
    """The first of its preparation and release that cannot run; without them no task of it may."""
    return of_preparation(job, pool) or of_release(job, pool)


def of_preparation(job: Job, pool: Pool) -> str:
    return _of("jobPreparationTask", job.spec.job_preparation_task, pool)


def of_release(job: Job, pool: Pool) -> str:
    return _of("jobReleaseTask", job.spec.job_release_task, pool)


def of_pool(pool: Pool) -> str:
    return _of("startTask", pool.spec.start_task, pool)


def _of(name: str, step: _Step | None, pool: Pool) -> str:
    if step is None:
        return ""
    user = step.user_identity
    if step.container_settings is None and pool.spec.container_settings is None:
        return f"{name} has no image, nor has pool {pool.name!r}; set containerSettings.imageName on one of them"
    if user.user_name is not None and account(user, pool) is None:
        return f"{name} names user {user.user_name!r}; pool {pool.name!r} has no such account; add it to the pool's userAccounts or name another"
    if wants_admin(user, pool):
        wants = f"{name} asks for elevationLevel admin; pool {pool.name!r} allows nonadmin only"
        return "" if may_be_admin(pool) else f"{wants}; raise its maxElevationLevel or ask for less"
    if (own := own_ids(user, pool)) is not None and not (own.uid and own.gid):
        return f"{name} names user {user.user_name!r}, whose uid or gid in pool {pool.name!r} is 0; give it others, or elevationLevel admin instead"
    return ""
