"""What users do, each as one function from first act to last wish. Time and faults are not theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from batchyard.kube import kinds
from tests.simulation.simulation import Script
from tests.simulation.user import NAMESPACE, User

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


# Deletion in each phase.


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


# How tasks end.


@workload()
async def retried(user: User) -> None:
    user.pool()
    user.job(**STEPS, constraints={"maxTaskRetryCount": 2}, tasks=inline("work 1 1,1,0", "work 1 1", "missing"))
    await user.until_completed(of=3)
    await user.delete_job()


@workload()
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


# Many tasks in one object.


@workload()
async def swept(user: User) -> None:
    """Each integer fails once; one task waits for a part of them."""
    limits = {"start": 1, "end": 8}
    last = {"id": "last", "commandLine": "work 1", "dependsOn": {"taskIds": ["2"], "taskIdRanges": [{"start": 5, "end": 8}]}}  # fmt: skip
    user.pool(taskSlotsPerNode=3)
    sweep = {"id": "sweep", "range": limits, "commandLine": "work 1 1,0", "constraints": {"maxTaskRetryCount": 1}}
    user.job(**STEPS, usesTaskDependencies=True, tasks=[sweep, last])
    await user.until_succeeded(of=2)
    await user.delete_job()


@workload()
async def swept_without_an_image(user: User) -> None:
    user.nodes.unpullable.add(("", "nowhere/nothing:1"))
    user.pool(targetDedicatedNodes=1, taskSlotsPerNode=2)
    limits, image = {"start": 1, "end": 3}, {"imageName": "nowhere/nothing:1"}
    user.job(**STEPS, tasks=inline("work 1", range=limits, containerSettings=image))
    await user.until_completed()
    await user.delete_job()


# How jobs pause, share and move.


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


# How nodes come and go.


async def _shrunk(user: User, option: str) -> None:
    user.pool(nodeDeallocationOption=option)
    user.job(**STEPS, tasks=inline("work 15", "work 15", "work 1"))
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


@workload("tasks")
async def shrunk_terminate(user: User) -> None:
    await _shrunk(user, "terminate")


@workload()
async def shrunk_taskcompletion(user: User) -> None:
    await _shrunk(user, "taskcompletion")


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
async def node_comes_late(user: User) -> None:
    """The pool waits for a machine that nobody has registered yet."""
    user.pool(targetDedicatedNodes=1, nodeSelector={"kubernetes.io/hostname": "node3"})
    user.job(**STEPS, tasks=inline("work 3"))
    await asyncio.sleep(30)
    user.nodes.add("node3")
    await user.until_succeeded()
    await user.delete_job()


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


@workload()
async def node_given_up(user: User) -> None:
    """A machine is off for longer than its tasks are waited for: they run elsewhere."""
    user.pool(lostAfter="PT2M")
    user.job(**STEPS, tasks=inline("work 20", "work 20"))
    await user.until_soon("two run", lambda: user.count("task") == 2)
    name = user.node_with("task")
    user.nodes.power_off(name)
    await user.until_succeeded(of=2)
    user.nodes.power_on(name)
    await user.delete_job()


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
