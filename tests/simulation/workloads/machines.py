"""Machines that go, fall silent or are replaced."""

from __future__ import annotations

import asyncio
from typing import Any

from batchyard.kube import kinds
from tests.simulation.user import User
from tests.simulation.workloads.workload import PREPARATION, STEPS, inline, workload


async def _replace(user: User, name: str) -> None:
    """So soon that Pods of the one before are still bound to the name."""
    user.nodes.remove(name)
    await asyncio.sleep(0.01)
    user.nodes.replace(name)


@workload()
async def node_gone_and_back(user: User) -> None:
    user.pool(targetDedicatedNodes=1)
    user.job(**STEPS, tasks=inline("work 30", "work 2"))
    await user.until_running("task")
    name = user.node_with("task")
    user.nodes.remove(name)
    await asyncio.sleep(20)
    user.nodes.add_again(name)
    await user.until_succeeded(of=2)
    await user.delete_job()


@workload()
async def node_silent_and_back(user: User) -> None:
    """Cut off for longer than its Pods are tolerated; the tasks run on meanwhile."""
    user.pool(targetDedicatedNodes=1)
    user.job(**STEPS, tasks=inline("work 500", "work 2"))
    await user.until_running("task")
    name = user.node_with("task")
    user.nodes.cut(name)
    await asyncio.sleep(400)
    user.nodes.mend(name)
    await user.until_succeeded(of=2)
    await user.delete_job()


@workload()
async def node_replaced_after_its_tasks(user: User) -> None:
    """Nothing of the job has run on the machine that comes: it is not released there."""
    user.pool(targetDedicatedNodes=1)
    user.job(**STEPS, tasks=inline("work 2"))
    await user.until_succeeded()
    name = user.all(kinds.BATCH_NODE)[0]["spec"]["nodeId"]
    user.nodes.unpullable.add(("node1" if name == "node2" else "node2", "docker.io/library/busybox:1.37"))
    await _replace(user, name)
    await user.until("it serves", lambda: [i["status"].get("state") for i in user.all(kinds.BATCH_NODE)] == ["idle"])
    await user.delete_job()


POOLS = {"batch": "mine"}


async def _with_a_machine_of_its_own(user: User, **job: Any) -> None:
    """The only one that its selector chooses; what comes in its place it does not choose."""
    user.nodes.add("node3", labels=POOLS)
    user.pool(targetDedicatedNodes=1, nodeSelector=POOLS)
    user.job(**job, tasks=inline("work 5", "work 5"))
    await user.until_running("task")


@workload("tasks", "jobs")
async def pool_deleted_while_its_machine_is_replaced(user: User) -> None:
    """What is bound to the name starts on the machine that came, though it is not the pool's."""
    await _with_a_machine_of_its_own(user)
    await _replace(user, "node3")
    user.delete(kinds.BATCH_POOL, "sample")
    await user.until_gone(kinds.BATCH_POOL, "sample")
    await user.delete_job()


@workload("tasks", "jobs")
async def machine_replaced_and_not_taken(user: User) -> None:
    await _with_a_machine_of_its_own(user)
    await _replace(user, "node3")
    await asyncio.sleep(30)
    await user.delete_job()
    user.delete(kinds.BATCH_POOL, "sample")
    await user.until_gone(kinds.BATCH_POOL, "sample")


@workload("tasks", "jobs")
async def machine_replaced_while_its_job_changes_pools(user: User) -> None:
    """The preparation that was bound to its name may have started on the machine that came."""
    await _with_a_machine_of_its_own(user, jobPreparationTask=PREPARATION)
    await user.until_succeeded(of=2)
    user.pool("other", targetDedicatedNodes=1)
    user.edit(kinds.BATCH_JOB, "demo", desiredState="disabled")
    await user.until_state("disabled")
    user.edit(kinds.BATCH_JOB, "demo", poolInfo={"poolId": "other"})
    await _replace(user, "node3")
    await asyncio.sleep(30)
    await user.delete_job()
