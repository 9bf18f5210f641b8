"""A workload drawn from a tape: a pool, some jobs with tasks of all sorts, and people who change their minds at odd moments."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from batchyard.kube import kinds
from tests.simulation.size import Size
from tests.simulation.tape import Tape
from tests.simulation.user import NAMESPACE, User

T = TypeVar("T")
LATEST_ACT = 60.0
OPTIONS = ("requeue", "terminate", "taskcompletion")


class Story:
    def __init__(self, tape: Tape, most: Size) -> None:
        self._tape = tape
        self._most = most

    async def play(self, user: User) -> None:
        start: dict[str, Any] = {"startTask": {"commandLine": "work 1 1,0", "maxTaskRetryCount": 1}}
        user.pool(
            targetDedicatedNodes=self._number("nodes", 1, 2),
            taskSlotsPerNode=self._number("slots", 1, 3),
            nodeDeallocationOption=self._pick("deallocation", OPTIONS),
            **(start if self._chance("start task", 0.4) else {}),
        )
        if not self._chance("namespace gone", 0.1):
            await self._acts(user)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._tape.between("story.namespace gone.at", 5, LATEST_ACT)):
                await self._acts(user)
        user.hub.delete(kinds.NAMESPACE, None, NAMESPACE)
        await user.until("the namespace is gone", lambda: ("", NAMESPACE) not in user.hub.known["Namespace"])

    async def _acts(self, user: User) -> None:
        jobs = [f"job{number}" for number in range(self._number("jobs", 1, self._most.jobs))]
        async with asyncio.TaskGroup() as group:
            for name in jobs:
                group.create_task(self._job(user, name))
            group.create_task(self._pool(user))
        if self._chance("pool deleted", 0.3):
            user.delete(kinds.BATCH_POOL, "sample")
            await user.until_gone(kinds.BATCH_POOL, "sample")

    async def _job(self, user: User, name: str) -> None:
        await asyncio.sleep(self._tape.between(f"{name}.begins", 0, 20))
        user.job(name, **self._spec(name))
        acts: Sequence[Callable[[User, str], Awaitable[None]]] = (
            _wait,
            _wait,
            _pause,
            _end,
            _delete,
            _delete_task,
            _add_task,
        )
        for number in range(self._number(f"{name}.acts", 0, self._most.acts)):
            await asyncio.sleep(self._tape.between(f"{name}.act", 0, LATEST_ACT))
            await self._pick(f"{name}.act{number}", acts)(user, name)
        await user.until(f"all that {name} can do is done", lambda: _settled(user, name))
        await _delete(user, name)
        await user.until_gone(kinds.BATCH_JOB, name)

    async def _pool(self, user: User) -> None:
        for number in range(self._number("pool.acts", 0, self._most.acts)):
            await asyncio.sleep(self._tape.between("pool.act", 0, LATEST_ACT))
            match self._pick(f"pool.act{number}", ("resize", "reboot", "reimage", "offline", "start task")):
                case "resize":
                    user.edit(kinds.BATCH_POOL, "sample", targetDedicatedNodes=self._number("resize", 1, 2))
                case "start task" if "startTask" in user.the(kinds.BATCH_POOL, "sample")["spec"]:
                    user.edit(kinds.BATCH_POOL, "sample", startTask={"commandLine": "work 2"})
                case "reboot":
                    _ask(user, "reboots")
                case "reimage":
                    _ask(user, "reimages")
                case "offline":
                    await _offline(user, self._pick("offline.option", OPTIONS))
                case _:
                    pass

    def _spec(self, name: str) -> dict[str, Any]:
        spec: dict[str, Any] = {
            "priority": self._number(f"{name}.priority", -2, 2),
            "constraints": {"maxTaskRetryCount": self._number(f"{name}.retries", 0, 2)},
            "usesTaskDependencies": True,
            "tasks": [self._task(name, number) for number in range(self._number(f"{name}.tasks", 1, self._most.tasks))],
            "allowTaskPreemption": self._chance(f"{name}.preempted", 0.3),
        }
        if self._chance(f"{name}.range", 0.25):
            spec["tasks"].append(self._range(name))
        if self._chance(f"{name}.preparation", 0.8):
            spec["jobPreparationTask"] = {
                "commandLine": self._pick(f"{name}.prepare", ("work 1", "work 4", "work 1 1,0")),
                "constraints": {"maxTaskRetryCount": 1},
                "rerunOnNodeRebootAfterSuccess": self._chance(f"{name}.rerun", 0.7),
                "waitForSuccess": self._chance(f"{name}.wait", 0.85),
            }
            if self._chance(f"{name}.release", 0.8):
                spec["jobReleaseTask"] = {
                    "commandLine": self._pick(f"{name}.release", ("work 1", "work 6", "work 1 1"))
                }
        if self._chance(f"{name}.by itself", 0.2):
            spec["onAllTasksComplete"] = "terminatejob"
        return spec

    def _task(self, job: str, number: int) -> dict[str, Any]:
        codes = self._pick(f"{job}.codes", ("0", "0", "0", "1,0", "1,1,0", "2"))
        program = "stubborn" if self._chance(f"{job}.stubborn", 0.1) else "work"
        seconds = self._pick(f"{job}.seconds", (0.5, 2, 5, 20))
        task: dict[str, Any] = {"id": f"t{number}", "commandLine": f"{program} {seconds} {codes}"}
        if number and self._chance(f"{job}.depends", 0.2):
            task["dependsOn"] = {"taskIds": [f"t{self._number(f'{job}.parent', 0, number - 1)}"]}
        if self._chance(f"{job}.clock", 0.1):
            task["constraints"] = {"maxWallClockTime": "PT3S"}
        return task

    def _range(self, job: str) -> dict[str, Any]:
        limits = {"start": 0, "end": self._number(f"{job}.range.end", 0, 5)}
        codes = self._pick(f"{job}.range.codes", ("0", "0", "1,0", "2"))
        return {"id": "sweep", "range": limits, "commandLine": f"work {self._pick(f'{job}.seconds', (0.5, 5))} {codes}"}

    def _chance(self, site: str, rate: float) -> bool:
        return self._tape.number(f"story.{site}") < rate

    def _number(self, site: str, low: int, high: int) -> int:
        return low + int(self._tape.number(f"story.{site}") * (high - low + 1))

    def _pick(self, site: str, among: Sequence[T]) -> T:
        return among[int(self._tape.number(f"story.{site}") * len(among))]


def _settled(user: User, job: str) -> bool:
    """Nothing can run any more: the job has ended, or its tasks have, or wait for what will not come."""
    if user.job_state(job) in ("completed", "gone"):
        return True
    if user.job_state(job) != "active":
        return False
    if _cannot_be_prepared(user, job):
        return True
    states = {item["spec"].get("id", "sweep"): item for item in user.tasks_of(job)}
    return len(states) >= user.least_tasks(job) and all(_hopeless_or_done(states, name) for name in states)


def _cannot_be_prepared(user: User, job: str) -> bool:
    """On any node: it failed there, as when its image could not be pulled for too long."""
    nodes = {item["spec"]["nodeId"] for item in user.all(kinds.BATCH_NODE)}
    records = (item for item in user.all(kinds.BATCH_JOB_NODE) if item["spec"]["jobId"] == job)
    failed = {item["spec"]["nodeId"] for item in records if _preparation_failed(item)}
    needed = user.the(kinds.BATCH_JOB, job)["spec"].get("jobPreparationTask", {}).get("waitForSuccess", True)
    return bool(needed and nodes and nodes <= failed)


def _preparation_failed(record: Any) -> bool:
    info = (record.get("status") or {}).get("jobPreparationTaskExecutionInfo") or {}
    return bool(info.get("result") == "failure")


def _hopeless_or_done(states: dict[str, Any], name: str) -> bool:
    item = states.get(name)
    if item is None:
        return True  # deleted: who depends on it waits in vain
    if (item.get("status") or {}).get("state") == "completed":
        return True
    needed = (item["spec"].get("dependsOn") or {}).get("taskIds", ())
    return any(_fails(states, each) for each in needed)


def _fails(states: dict[str, Any], name: str) -> bool:
    item = states.get(name)
    if item is None:
        return True
    status = item.get("status") or {}
    done = status.get("state") == "completed"
    return status["executionInfo"]["result"] != "success" if done else _hopeless_or_done(states, name)


async def _wait(user: User, job: str) -> None:
    """Nobody does anything."""


async def _pause(user: User, job: str) -> None:
    for state in ("disabled", "active"):
        item = user.get(kinds.BATCH_JOB, job)
        if item is not None and item["spec"].get("desiredState") != "terminated":
            user.edit(kinds.BATCH_JOB, job, desiredState=state)
        await asyncio.sleep(15)


async def _end(user: User, job: str) -> None:
    if user.get(kinds.BATCH_JOB, job) is not None:
        user.edit(kinds.BATCH_JOB, job, desiredState="terminated")


async def _delete(user: User, job: str) -> None:
    if user.get(kinds.BATCH_JOB, job) is not None:
        user.delete(kinds.BATCH_JOB, job)


async def _delete_task(user: User, job: str) -> None:
    if tasks := user.tasks_of(job):
        user.delete(kinds.BATCH_TASK, tasks[0]["metadata"]["name"])


async def _add_task(user: User, job: str) -> None:
    if user.job_state(job) == "active" and user.get(kinds.BATCH_TASK, f"{job}.more") is None:
        user.task("more", job)


def _ask(user: User, what: str) -> None:
    if members := user.all(kinds.BATCH_NODE):
        asked = members[0]["spec"].get(what, 0)
        user.edit(kinds.BATCH_NODE, members[0]["metadata"]["name"], **{what: asked + 1})


async def _offline(user: User, option: str) -> None:
    if not (members := user.all(kinds.BATCH_NODE)):
        return
    name = members[0]["metadata"]["name"]
    user.edit(kinds.BATCH_NODE, name, schedulingState="disabled", nodeDisableSchedulingOption=option)
    await asyncio.sleep(30)
    if user.get(kinds.BATCH_NODE, name) is not None:
        user.edit(kinds.BATCH_NODE, name, schedulingState="enabled")
