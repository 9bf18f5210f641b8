"""Machines that go, fall silent or are replaced."""

from __future__ import annotations

import asyncio

from batchyard.kube import kinds
from tests.simulation.user import User
from tests.simulation.workloads.workload import STEPS, inline, workload


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
    user.nodes.remove(name)
    user.nodes.replace(name)
    await user.until("it serves", lambda: [i["status"].get("state") for i in user.all(kinds.BATCH_NODE)] == ["idle"])
    await user.delete_job()
