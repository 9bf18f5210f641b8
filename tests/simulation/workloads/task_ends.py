"""How tasks end: by themselves, tried again, for others, by the clock, by their user."""

from __future__ import annotations

import asyncio

from batchyard.kube import kinds
from tests.simulation.user import User
from tests.simulation.workloads.workload import STEPS, inline, workload


@workload()
async def retried(user: User) -> None:
    user.pool()
    user.job(**STEPS, constraints={"maxTaskRetryCount": 2}, tasks=inline("work 1 1,1,0", "work 1 1", "missing"))
    await user.until_completed(of=3)
    await user.delete_job()


@workload("hopeless")
async def dependent(user: User) -> None:
    """A chain, a failure that satisfies, one that blocks; the job is ended while one task waits in vain."""
    satisfy = {"exitCodes": [{"code": 3, "exitOptions": {"dependencyAction": "satisfy"}}]}
    user.pool(taskSlotsPerNode=2)
    user.job(
        **STEPS,
        usesTaskDependencies=True,
        tasks=[
            {"id": "a", "commandLine": "work 2"},
            {"id": "b", "commandLine": "work 4 3", "exitConditions": satisfy},
            {"id": "c", "commandLine": "work 1", "dependsOn": {"taskIds": ["a", "b"]}},
            {"id": "d", "commandLine": "work 1 4", "dependsOn": {"taskIds": ["c"]}},
            {"id": "e", "commandLine": "work 1", "dependsOn": {"taskIds": ["d"]}},
        ],
    )
    await user.until("d has failed", lambda: user.task_state("d") == "completed")
    await asyncio.sleep(10)
    user.edit(kinds.BATCH_JOB, "demo", desiredState="terminated")
    await user.until_state("completed")
    await user.delete_job()


@workload()
async def dependent_on_a_range(user: User) -> None:
    """The last of them takes longest."""
    user.pool(taskSlotsPerNode=2)
    first = [{"id": str(n), "commandLine": f"work {n * n}"} for n in (1, 2, 3)]
    last = {"id": "last", "commandLine": "work 1", "dependsOn": {"taskIdRanges": [{"start": 1, "end": 3}]}}
    user.job(**STEPS, usesTaskDependencies=True, tasks=[*first, last])
    await user.until_succeeded(of=4)
    await user.delete_job()


@workload("tasks")
async def parent_deleted(user: User) -> None:
    """Who waits for it waits in vain."""
    user.pool(taskSlotsPerNode=2)
    tasks = [
        {"id": "a", "commandLine": "work 600"},
        {"id": "b", "commandLine": "work 1", "dependsOn": {"taskIds": ["a"]}},
    ]
    user.job(**STEPS, usesTaskDependencies=True, tasks=tasks)
    await user.until_running("task")
    user.delete(kinds.BATCH_TASK, "demo.a")
    await user.until("it is gone", lambda: user.get(kinds.BATCH_TASK, "demo.a") is None)
    await asyncio.sleep(10)
    await user.delete_job()


@workload("tasks")
async def ended_by_a_task(user: User) -> None:
    fatal = {"exitCodes": [{"code": 5, "exitOptions": {"jobAction": "terminate"}}]}
    user.pool()
    tasks = [{"id": "a", "commandLine": "work 2 5", "exitConditions": fatal}, {"id": "b", "commandLine": "work 600"}]
    user.job(**STEPS, onTaskFailure="performexitoptionsjobaction", tasks=tasks)
    await user.until_state("completed")
    await user.delete_job()


@workload()
async def reactivated(user: User) -> None:
    user.pool(targetDedicatedNodes=1)
    user.job(**STEPS, tasks=inline("work 1 9,0"))
    await user.until_completed()
    user.edit(kinds.BATCH_TASK, "demo.task1", reactivations=1)
    await user.until("it has succeeded", lambda: user.result("task1") == "success")
    await user.delete_job()


@workload()
async def out_of_time(user: User) -> None:
    user.pool()
    user.job(**STEPS, tasks=inline("work 600", constraints={"maxWallClockTime": "PT5S"}))
    await user.until_completed()
    await user.delete_job()


@workload("tasks")
async def job_out_of_time(user: User) -> None:
    user.pool()
    user.job(**STEPS, constraints={"maxWallClockTime": "PT60S"}, tasks=inline("work 600", "work 600", "work 600"))
    await user.until_state("completed")
    await user.delete_job()


@workload("tasks")
async def task_ended_by_its_user(user: User) -> None:
    user.pool(targetDedicatedNodes=1)
    user.job(**STEPS, tasks=inline("work 600", "work 1"))
    await user.until_running("task")
    user.edit(kinds.BATCH_TASK, "demo.task1", desiredState="terminated")
    await user.until_completed(of=2)
    await user.delete_job()


@workload("tasks")
async def task_deleted_while_running(user: User) -> None:
    user.pool(targetDedicatedNodes=1)
    user.job(**STEPS, tasks=inline("work 600", "work 1"))
    await user.until_running("task")
    user.delete(kinds.BATCH_TASK, "demo.task1")
    await user.until("the other is completed", lambda: user.task_state("task2") == "completed")
    await user.delete_job()


@workload()
async def image_missing(user: User) -> None:
    user.nodes.unpullable.add(("", "nowhere/nothing:1"))
    user.pool(targetDedicatedNodes=1)
    user.job(**STEPS, tasks=inline("work 1", containerSettings={"imageName": "nowhere/nothing:1"}))
    await user.until_completed()
    await user.delete_job()
