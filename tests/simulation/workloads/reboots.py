"""Machines that boot, by accident or on request, at every bad moment."""

from __future__ import annotations

import asyncio
from typing import Any

from batchyard.kube import kinds
from tests.simulation.user import User
from tests.simulation.workloads.workload import PREPARATION, RELEASE, STEPS, inline, workload


async def _rebooted(user: User, **preparation: Any) -> None:
    user.pool(targetDedicatedNodes=1, startTask={"commandLine": "work 1"})
    user.job(
        jobPreparationTask={**PREPARATION, **preparation}, jobReleaseTask=RELEASE, tasks=inline("work 30", "work 2")
    )
    await user.until_running("task")
    user.nodes.reboot(user.node_with("task"))
    await user.until_succeeded(of=2)
    await user.delete_job()


@workload()
async def rebooted(user: User) -> None:
    await _rebooted(user)


@workload()
async def rebooted_and_not_prepared_again(user: User) -> None:
    await _rebooted(user, rerunOnNodeRebootAfterSuccess=False)


@workload("tasks")
async def rebooted_while_releasing(user: User) -> None:
    user.pool(targetDedicatedNodes=1)
    user.job(jobPreparationTask=PREPARATION, jobReleaseTask={"commandLine": "work 20"}, tasks=inline("work 2"))
    await user.until_succeeded()
    user.edit(kinds.BATCH_JOB, "demo", desiredState="terminated")
    await user.until_running("release")
    user.nodes.reboot(user.node_with("release"))
    await user.until_state("completed")


@workload("tasks")
async def rebooted_after_a_release_unheard_of(user: User) -> None:
    """Cut off while it releases, and rebooted before it can say that it has."""
    user.pool(targetDedicatedNodes=1)
    user.job(jobPreparationTask=PREPARATION, jobReleaseTask={"commandLine": "work 20"}, tasks=inline("work 2"))
    await user.until_succeeded()
    user.edit(kinds.BATCH_JOB, "demo", desiredState="terminated")
    await user.until_running("release")
    name = user.node_with("release")
    user.nodes.cut(name)
    await asyncio.sleep(30)
    user.nodes.reboot(name)
    await asyncio.sleep(30)
    user.nodes.mend(name)
    await user.until_state("completed")


@workload("refusals")
async def rebooted_before_its_task_begins(user: User) -> None:
    """The Pod of a task finds a machine that has booted since, and nothing prepared."""
    user.pool(targetDedicatedNodes=1)
    user.job(**STEPS, tasks=inline("work 3"))
    await user.until("a task has its Pod", lambda: bool(user.pods("task")))
    user.nodes.reboot(user.pods("task")[0]["spec"]["nodeName"])
    await user.until_succeeded()
    await user.delete_job()


@workload()
async def wipe_evicted(user: User) -> None:
    user.pool(targetDedicatedNodes=1)
    user.job(**STEPS, tasks=inline("work 3"))
    await user.until_succeeded()
    user.delete(kinds.BATCH_JOB, "demo")
    await user.until_running("wipe")
    (pod,) = user.pods("wipe")
    user.nodes.machines[pod["spec"]["nodeName"]].kubelet.evict(pod["metadata"]["uid"])
    await user.until_gone(kinds.BATCH_JOB, "demo")


@workload()
async def reboot_asked_for(user: User) -> None:
    user.pool(targetDedicatedNodes=1, startTask={"commandLine": "work 1"})
    user.job(**STEPS, tasks=inline("work 2"))
    await user.until_succeeded()
    (member,) = user.all(kinds.BATCH_NODE)
    user.edit(kinds.BATCH_NODE, member["metadata"]["name"], reboots=1)
    await user.until("it has rebooted", lambda: user.all(kinds.BATCH_NODE)[0]["status"].get("reboots") == 1)
    user.task("again")
    await user.until_succeeded(of=2)
    await user.delete_job()


@workload()
async def reimage_asked_for(user: User) -> None:
    user.pool(targetDedicatedNodes=1)
    user.job(**STEPS, tasks=inline("work 30", "work 1"))
    await user.until_running("task")
    (member,) = user.all(kinds.BATCH_NODE)
    user.edit(kinds.BATCH_NODE, member["metadata"]["name"], reimages=1)
    await user.until_succeeded(of=2)
    await user.delete_job()
