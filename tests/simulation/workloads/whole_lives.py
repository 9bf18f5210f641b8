"""From first act to last wish, and nothing out of the ordinary."""

from __future__ import annotations

import asyncio

from batchyard.kube import kinds
from tests.simulation.user import User
from tests.simulation.workloads.workload import PREPARATION, STEPS, inline, workload


@workload()
async def whole_life(user: User) -> None:
    """Preparation, tasks on two nodes, release, wipe."""
    user.pool()
    user.job(**STEPS, tasks=inline("work 3", "work 4", "work 1"))
    await user.until_succeeded(of=3)
    await user.delete_job()


@workload()
async def no_release(user: User) -> None:
    user.pool()
    user.job(jobPreparationTask=PREPARATION, tasks=inline("work 3", "work 1"))
    await user.until_succeeded(of=2)
    await user.delete_job()


@workload()
async def no_preparation(user: User) -> None:
    user.pool(targetDedicatedNodes=1)
    user.job(tasks=inline("work 3", "work 1 7"))
    await user.until_completed(of=2)
    await user.delete_job()


@workload()
async def ends_by_itself(user: User) -> None:
    """The job is over with its last task and stays to be read."""
    user.pool()
    user.job(**STEPS, onAllTasksComplete="terminatejob", tasks=inline("work 3", "work 1"))
    await user.until_state("completed")


@workload()
async def expires(user: User) -> None:
    """Deleted by the operator itself, some time after its end."""
    user.pool()
    user.job(**STEPS, onAllTasksComplete="terminatejob", ttlSecondsAfterFinished=60, tasks=inline("work 3", "work 1"))
    await user.until_gone(kinds.BATCH_JOB, "demo")


@workload()
async def pool_deleted(user: User) -> None:
    user.pool(startTask={"commandLine": "work 1"})
    user.job(**STEPS, tasks=inline("work 2"))
    await user.until_succeeded()
    await user.delete_job()
    user.delete(kinds.BATCH_POOL, "sample")
    await user.until_gone(kinds.BATCH_POOL, "sample")
    await user.until("no node of it is left", lambda: not user.all(kinds.BATCH_NODE))


@workload()
async def history_compacted(user: User) -> None:
    """The API server forgets again and again what was: a watch that is late has lost its place."""
    user.pool(targetDedicatedNodes=1)
    user.job(**STEPS, tasks=inline("work 3"))
    await _compact(user)
    await user.until_succeeded()
    user.delete(kinds.BATCH_JOB, "demo")
    await _compact(user)
    await user.until_gone(kinds.BATCH_JOB, "demo")


async def _compact(user: User) -> None:
    for _ in range(8):
        await asyncio.sleep(6)
        user.hub.compact()
