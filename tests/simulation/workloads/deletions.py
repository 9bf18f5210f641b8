"""Jobs deleted in each of their phases; pools and namespaces deleted under them."""

from __future__ import annotations

from batchyard.kube import kinds
from tests.simulation.user import NAMESPACE, User
from tests.simulation.workloads.workload import PREPARATION, RELEASE, STEPS, inline, workload


@workload("tasks")
async def deleted_at_once(user: User) -> None:
    user.pool()
    user.job(**STEPS, tasks=inline("work 3"))
    await user.delete_job()


@workload("tasks")
async def deleted_while_preparing(user: User) -> None:
    user.pool()
    user.job(jobPreparationTask={"commandLine": "stubborn 30"}, jobReleaseTask=RELEASE, tasks=inline("work 3"))
    await user.until_running("preparation")
    await user.delete_job()


@workload("tasks")
async def deleted_while_running(user: User) -> None:
    user.pool()
    user.job(**STEPS, tasks=inline("work 600", "stubborn 600"))
    await user.until_running("task")
    await user.delete_job()


@workload("tasks", "jobs")
async def deleted_while_releasing(user: User) -> None:
    user.pool()
    user.job(jobPreparationTask=PREPARATION, jobReleaseTask={"commandLine": "work 20"}, tasks=inline("work 3"))
    await user.until_succeeded()
    user.edit(kinds.BATCH_JOB, "demo", desiredState="terminated")
    await user.until_running("release")
    await user.delete_job()


@workload()
async def deleted_while_wiping_and_back(user: User) -> None:
    """A job of the same name comes the moment the first one is gone."""
    user.pool(targetDedicatedNodes=1)
    user.job(**STEPS, tasks=inline("work 3"))
    await user.until_succeeded()
    await user.delete_job()
    user.job(**STEPS, tasks=inline("work 1"))
    await user.until_succeeded()
    await user.delete_job()


@workload()
async def pool_deleted_under_a_job(user: User) -> None:
    """The job waits for a pool of that name, and goes on in the next one."""
    user.pool(targetDedicatedNodes=1)
    user.job(**STEPS, tasks=inline("work 30", "work 1"))
    await user.until_running("task")
    user.delete(kinds.BATCH_POOL, "sample")
    await user.until_gone(kinds.BATCH_POOL, "sample")
    user.pool(targetDedicatedNodes=1)
    await user.until_succeeded(of=2)
    await user.delete_job()


@workload("tasks", "jobs")
async def namespace_deleted(user: User) -> None:
    user.pool()
    user.job(**STEPS, tasks=inline("work 600", "work 1"))
    await user.until_running("task")
    user.hub.delete(kinds.NAMESPACE, None, NAMESPACE)
    await user.until("the namespace is gone", lambda: ("", NAMESPACE) not in user.hub.known["Namespace"])


@workload("tasks", "jobs")
async def namespace_deleted_while_releasing(user: User) -> None:
    """Nothing of a job is deleted there before its Pods are gone, and a release that has ended is told first."""
    user.pool()
    user.job(jobPreparationTask=PREPARATION, jobReleaseTask={"commandLine": "work 20"}, tasks=inline("work 3"))
    await user.until_succeeded()
    user.edit(kinds.BATCH_JOB, "demo", desiredState="terminated")
    await user.until_running("release")
    user.hub.delete(kinds.NAMESPACE, None, NAMESPACE)
    await user.until("the namespace is gone", lambda: ("", NAMESPACE) not in user.hub.known["Namespace"])
