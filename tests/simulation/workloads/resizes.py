"""Nodes that a pool gives up or does not get yet.

Where two tasks have to run at once they take longer than a view is stale, or the first could end before the second begins.
"""

from __future__ import annotations

import asyncio

from batchyard.kube import kinds
from tests.simulation.user import User
from tests.simulation.workloads.workload import STEPS, inline, workload


async def _shrunk(user: User, option: str) -> None:
    user.pool(nodeDeallocationOption=option)
    user.job(**STEPS, tasks=inline("work 60", "work 60", "work 1"))
    await user.until_soon("two run", lambda: user.count("task") == 2)
    user.edit(kinds.BATCH_POOL, "sample", targetDedicatedNodes=1)
    await user.until("one node is left", lambda: len(user.all(kinds.BATCH_NODE)) == 1)
    await (user.until_completed if option == "terminate" else user.until_succeeded)(of=3)
    await user.delete_job()


@workload()
async def shrunk_requeue(user: User) -> None:
    await _shrunk(user, "requeue")


@workload()
async def shrunk_though_stubborn(user: User) -> None:
    """A task that takes its time to end is not begun anew before it has."""
    user.pool(nodeDeallocationOption="requeue", taskSlotsPerNode=2)
    user.job(**STEPS, tasks=inline("stubborn 90", "stubborn 90"))
    await user.until_soon("two run", lambda: user.count("task") == 2)
    user.edit(kinds.BATCH_POOL, "sample", targetDedicatedNodes=1)
    await user.until_succeeded(of=2)
    await user.delete_job()


@workload()
async def shrunk_though_misconfigured(user: User) -> None:
    """Its new start task cannot be: what is on the nodes goes on, and the node that is to go goes."""
    user.pool(nodeDeallocationOption="requeue")
    user.job(**STEPS, tasks=inline("work 60", "work 60", "work 1"))
    await user.until_soon("two run", lambda: user.count("task") == 2)
    admin = {"autoUser": {"elevationLevel": "admin"}}
    user.edit(kinds.BATCH_POOL, "sample", startTask={"commandLine": "work 1", "userIdentity": admin})
    user.edit(kinds.BATCH_POOL, "sample", targetDedicatedNodes=1)
    await user.until("one node is left", lambda: len(user.all(kinds.BATCH_NODE)) == 1)
    await user.until_succeeded(of=3)
    user.edit(kinds.BATCH_POOL, "sample", startTask=None, targetDedicatedNodes=2)
    await user.until(
        "both serve", lambda: [i["status"].get("state") for i in user.all(kinds.BATCH_NODE)] == ["idle"] * 2
    )
    await user.delete_job()


@workload()
async def ended_without_image(user: User) -> None:
    """Nothing of the job can be made any more: it ends all the same, and its nodes are wiped."""
    user.pool()
    user.job(**STEPS, tasks=inline("work 2", "work 2"))
    await user.until_succeeded(of=2)
    user.edit(kinds.BATCH_POOL, "sample", containerSettings=None)
    await user.delete_job()
    user.delete(kinds.BATCH_POOL, "sample")
    await user.until_gone(kinds.BATCH_POOL, "sample")


@workload("tasks")
async def shrunk_terminate(user: User) -> None:
    await _shrunk(user, "terminate")


@workload()
async def shrunk_taskcompletion(user: User) -> None:
    await _shrunk(user, "taskcompletion")


@workload()
async def node_comes_late(user: User) -> None:
    """The pool waits for a machine that nobody has registered yet."""
    user.pool(targetDedicatedNodes=1, nodeSelector={"kubernetes.io/hostname": "node3"})
    user.job(**STEPS, tasks=inline("work 3"))
    await asyncio.sleep(30)
    user.nodes.add("node3")
    await user.until_succeeded()
    await user.delete_job()


@workload()
async def node_given_up(user: User) -> None:
    """A machine is off for longer than its tasks are waited for: they run elsewhere."""
    user.pool(lostAfter="PT2M")
    user.job(**STEPS, tasks=inline("work 60", "work 60"))
    await user.until_soon("two run", lambda: user.count("task") == 2)
    name = user.node_with("task")
    user.nodes.power_off(name)
    await user.until_succeeded(of=2)
    user.nodes.power_on(name)
    await user.delete_job()
