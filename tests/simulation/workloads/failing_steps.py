"""Preparations and start tasks that fail."""

from __future__ import annotations

import asyncio

from tests.simulation.user import User
from tests.simulation.workloads.workload import RELEASE, STEPS, inline, workload


@workload()
async def preparation_fails_on_one_node(user: User) -> None:
    user.pool()
    user.job(
        jobPreparationTask={"commandLine": "work 1 0 node1=1"}, jobReleaseTask=RELEASE, tasks=inline("work 2", "work 1")
    )
    await user.until_succeeded(of=2)
    await user.delete_job()


@workload()
async def preparation_retried(user: User) -> None:
    user.pool(targetDedicatedNodes=1)
    preparation = {"commandLine": "work 1 1,0", "constraints": {"maxTaskRetryCount": 1}}
    user.job(jobPreparationTask=preparation, jobReleaseTask={"commandLine": "work 1 8"}, tasks=inline("work 1"))
    await user.until_succeeded()
    await user.delete_job()


@workload("tasks")
async def preparation_fails_everywhere(user: User) -> None:
    user.pool()
    user.job(jobPreparationTask={"commandLine": "work 1 1"}, jobReleaseTask=RELEASE, tasks=inline("work 1"))
    await asyncio.sleep(120)
    await user.delete_job()


@workload()
async def start_task_fails_on_one_node(user: User) -> None:
    user.pool(startTask={"commandLine": "work 1 0 node1=1", "maxTaskRetryCount": 1})
    user.job(**STEPS, tasks=inline("work 1", "work 1"))
    await user.until_succeeded(of=2)
    await user.delete_job()
