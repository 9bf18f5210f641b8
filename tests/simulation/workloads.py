"""What users do, each as one function from first act to last wish. Time and faults are not theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from batchyard.kube import kinds
from tests.simulation.simulation import Script
from tests.simulation.user import User

PREPARATION = {"commandLine": "work 2"}
RELEASE = {"commandLine": "work 2"}
STEPS: dict[str, Any] = {"jobPreparationTask": PREPARATION, "jobReleaseTask": RELEASE}


@dataclass(frozen=True)
class Workload:
    script: Script
    open: frozenset[str] = frozenset()
    """Parts of the outcomes that depend on how fast things go."""


WORKLOADS: dict[str, Workload] = {}


def workload(*open_: str) -> Callable[[Script], Script]:
    def add(script: Any) -> Script:
        WORKLOADS[script.__name__] = Workload(script, frozenset(open_))
        return script  # type: ignore[no-any-return]

    return add


def inline(*commands: str, **more: Any) -> list[dict[str, Any]]:
    return [{"id": f"task{number}", "commandLine": command, **more} for number, command in enumerate(commands, 1)]


# Whole lives.


@workload()
async def whole_life(user: User) -> None:
    """Preparation, tasks on two nodes, release, wipe."""
    user.pool()
    user.job(**STEPS, tasks=inline("work 3", "work 4", "work 1"))
    await user.until_completed(of=3)
    await user.delete_job()


@workload()
async def no_release(user: User) -> None:
    user.pool()
    user.job(jobPreparationTask=PREPARATION, tasks=inline("work 3", "work 1"))
    await user.until_completed(of=2)
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
async def pool_deleted(user: User) -> None:
    user.pool(startTask={"commandLine": "work 1"})
    user.job(**STEPS, tasks=inline("work 2"))
    await user.until_completed()
    await user.delete_job()
    user.delete(kinds.BATCH_POOL, "sample")
    await user.until_gone(kinds.BATCH_POOL, "sample")


# Deletion in each phase.


@workload("tasks")
async def deleted_at_once(user: User) -> None:
    user.pool()
    user.job(**STEPS, tasks=inline("work 3"))
    await user.delete_job()


@workload("tasks")
async def deleted_while_preparing(user: User) -> None:
    user.pool()
    user.job(jobPreparationTask={"commandLine": "work 30"}, jobReleaseTask=RELEASE, tasks=inline("work 3"))
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
    await user.until_completed()
    user.edit(kinds.BATCH_JOB, "demo", desiredState="terminated")
    await user.until_running("release")
    await user.delete_job()


@workload()
async def deleted_while_wiping_and_back(user: User) -> None:
    """A job of the same name comes the moment the first one is gone."""
    user.pool(targetDedicatedNodes=1)
    user.job(**STEPS, tasks=inline("work 3"))
    await user.until_completed()
    await user.delete_job()
    user.job(**STEPS, tasks=inline("work 1"))
    await user.until_completed()
    await user.delete_job()
