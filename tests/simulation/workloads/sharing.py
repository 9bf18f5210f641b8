"""How jobs pause, share nodes, displace each other and move to another pool."""

from __future__ import annotations

import asyncio

from batchyard.kube import kinds
from tests.simulation.user import User
from tests.simulation.workloads.workload import PREPARATION, STEPS, inline, workload


async def _disabled(user: User, option: str) -> None:
    user.pool(targetDedicatedNodes=1)
    user.job(**STEPS, tasks=inline("work 20", "work 1"))
    await user.until_running("task")
    user.edit(kinds.BATCH_JOB, "demo", desiredState="disabled", disableTasks=option)
    await user.until_state("disabled")
    user.edit(kinds.BATCH_JOB, "demo", desiredState="active")
    await (user.until_completed if option == "terminate" else user.until_succeeded)(of=2)
    await user.delete_job()


@workload()
async def disabled_requeue(user: User) -> None:
    await _disabled(user, "requeue")


@workload()
async def disabled_late(user: User) -> None:
    """The task has ended when its job is disabled, whoever knows of it."""
    user.pool(targetDedicatedNodes=1)
    user.job(**STEPS, tasks=inline("work 5"))
    await user.until_running("task")
    await asyncio.sleep(8)
    user.edit(kinds.BATCH_JOB, "demo", desiredState="disabled", disableTasks="requeue")
    await user.until_state("disabled")
    user.edit(kinds.BATCH_JOB, "demo", desiredState="active")
    await user.until_succeeded()
    await user.delete_job()


@workload("tasks")
async def disabled_terminate(user: User) -> None:
    await _disabled(user, "terminate")


@workload()
async def disabled_wait(user: User) -> None:
    await _disabled(user, "wait")


@workload("jobs")
async def two_priorities(user: User) -> None:
    user.pool(targetDedicatedNodes=1)
    user.job("low", **STEPS, priority=-5, tasks=inline("work 2", "work 2"))
    user.job("high", **STEPS, priority=5, tasks=inline("work 2", "work 2"))
    for job in ("low", "high"):
        await user.until_succeeded(job, of=2)
    for job in ("low", "high"):
        user.delete(kinds.BATCH_JOB, job)
    for job in ("low", "high"):
        await user.until_gone(kinds.BATCH_JOB, job)


@workload()
async def preempted(user: User) -> None:
    user.pool(targetDedicatedNodes=1)
    user.job("low", **STEPS, priority=-5, allowTaskPreemption=True, tasks=inline("work 30"))
    await user.until_running("task", "low")
    user.job("high", **STEPS, priority=5, tasks=inline("work 2"))
    for job in ("high", "low"):
        await user.until_completed(job)
        await user.delete_job(job)


@workload()
async def many_tasks(user: User) -> None:
    user.pool(taskSlotsPerNode=3)
    user.job(**STEPS, tasks=inline(*["work 2"] * 12))
    await user.until_succeeded(of=12)
    await user.delete_job()


@workload("jobs")
async def of_all_sizes(user: User) -> None:
    """Two jobs share the slots of one node."""
    user.pool(targetDedicatedNodes=1, taskSlotsPerNode=4)
    for job in ("one", "two"):
        tasks = [{"id": f"t{n}", "commandLine": "work 2", "requiredSlots": n} for n in (3, 2, 1)]
        user.job(job, **STEPS, tasks=tasks)
    for job in ("one", "two"):
        await user.until_succeeded(job, of=3)
    for job in ("one", "two"):
        await user.delete_job(job)


@workload()
async def displaced(user: User) -> None:
    """A job of higher priority comes when the only slot is taken; who went for it comes back."""
    user.pool(targetDedicatedNodes=1)
    user.job("low", **STEPS, allowTaskPreemption=True, priority=-5, tasks=inline("work 60"))
    await user.until_running("task", "low")
    user.job("high", priority=5, tasks=inline("work 2"))
    for job in ("high", "low"):
        await user.until_succeeded(job)
    for job in ("high", "low"):
        await user.delete_job(job)


@workload()
async def moved_to_another_pool(user: User) -> None:
    user.pool(targetDedicatedNodes=1)
    user.pool("other", targetDedicatedNodes=1, nodeSelector={"kubernetes.io/hostname": "node2"})
    user.job(**STEPS, tasks=inline("work 3", "work 30"))
    await user.until_running("task")
    user.edit(kinds.BATCH_JOB, "demo", desiredState="disabled")
    await user.until_state("disabled")
    user.edit(kinds.BATCH_JOB, "demo", poolInfo={"poolId": "other"}, desiredState="active")
    await user.until_succeeded(of=2)
    await user.delete_job()


@workload()
async def moved_and_back(user: User) -> None:
    """The job comes back to its pool while it is being wiped there."""
    user.pool(targetDedicatedNodes=1)
    user.pool("other", targetDedicatedNodes=1, nodeSelector={"kubernetes.io/hostname": "node2"})
    user.job(jobPreparationTask=PREPARATION, tasks=inline("work 3", "work 5"))
    await user.until("one is completed", lambda: "completed" in user.task_states())
    for pool in ("other", "sample"):
        user.edit(kinds.BATCH_JOB, "demo", desiredState="disabled", disableTasks="requeue")
        await user.until_state("disabled")
        user.edit(kinds.BATCH_JOB, "demo", poolInfo={"poolId": pool}, desiredState="active")
        if pool == "other":
            await user.until_soon("it is wiped", lambda: user.count("wipe") > 0)
    await user.until_succeeded(of=2)
    await user.delete_job()


@workload()
async def tasks_of_its_user(user: User) -> None:
    """Tasks that no job owns come before, with and after their job."""
    user.task("early")
    user.pool(targetDedicatedNodes=1)
    user.job(**STEPS)
    await user.until("early is completed", lambda: user.task_state("early") == "completed")
    user.task("late", commandLine="work 1 2", constraints={"maxTaskRetryCount": 1})
    await user.until("late is completed", lambda: user.task_state("late") == "completed")
    await user.delete_job()
