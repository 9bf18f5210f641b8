"""One task in full: what it is to do, what it did, what is said about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from batchyard.cli.show import ranges
from batchyard.cli.show.jobs import conditions, facts
from batchyard.cli.show.objects import Object, at, name
from batchyard.cli.show.progress import task_id
from batchyard.cli.show.tasks import state
from batchyard.cli.show.times import Moment, between

_INFO = "status.executionInfo"


def described(task: Object, now: Moment, *, why: str = "", queue: str = "", start: str = "", events: str = "") -> str:
    return "\n\n".join(filter(None, [facts(_facts(task, now, why, queue, start)), conditions(task), events]))


def _facts(task: Object, now: Moment, why: str, queue: str, start: str) -> Iterator[tuple[str, Any]]:
    info = at(task, _INFO, {})
    yield "Task", task_id(task)
    yield "Name", name(task)
    yield "Namespace", at(task, "metadata.namespace")
    yield "Job", at(task, "spec.jobId")
    yield "State", state(task)
    yield "Why", why
    yield "Queue", queue
    yield "Starts", start
    yield "Ended", ranges.counted(task) if ranges.bounds(task) else ""
    yield "Node", at(task, "status.nodeInfo.nodeId")
    yield "Directory", at(task, "status.nodeInfo.taskRootDirectory")
    yield "Image", at(task, "spec.containerSettings.imageName")
    yield "Command", at(task, "spec.commandLine")
    yield "Slots", at(task, "spec.requiredSlots", 1)
    yield "Started", at(info, "startTime")
    yield "Finished", at(info, "endTime")
    yield "Duration", between(at(info, "startTime"), at(info, "endTime"), now)
    yield "Exit code", info.get("exitCode")
    yield "Retries", at(info, "retryCount", 0)
    yield "Requeues", at(info, "requeueCount", 0)
    yield "Recoveries", at(task, "status.recoveryCount", 0)
