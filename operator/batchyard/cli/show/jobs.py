"""Jobs as tables and as a description."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from batchyard.cli.show.objects import Object, at, name, waits_for
from batchyard.cli.show.ranges import size
from batchyard.cli.show.table import AGE, Column, field, lines, table
from batchyard.cli.show.times import Moment, between


def total(job: Object) -> int:
    """Tasks that are there, or will be."""
    counts = at(job, "status.taskCounts", {})
    there: int = sum(counts.get(state, 0) for state in ("active", "preparing", "running", "completed"))
    return max(there, _inline(job))


def _inline(job: Object) -> int:
    return sum(size(task) for task in at(job, "spec.tasks", []))


def duration(job: Object, now: Moment) -> str:
    return between(at(job, "status.executionInfo.startTime"), at(job, "status.executionInfo.endTime"), now)


def _done(job: Object, _now: Moment) -> str:
    return f"{at(job, 'status.taskCounts.completed', 0)}/{total(job)}"


COLUMNS = (
    Column("NAME", lambda job, _now: name(job)),
    field("STATE", "status.state"),
    field("POOL", "spec.poolInfo.poolId"),
    Column("DONE", _done),
    Column("FAILED", lambda job, _now: at(job, "status.taskCounts.failed", 0)),
    Column("RUN", lambda job, _now: at(job, "status.taskCounts.running", 0)),
    Column("REASON", lambda job, _now: reason(job)),
    Column("PRIORITY", lambda job, _now: at(job, "spec.priority", 0), wide=True),
    field("ENDED", "status.executionInfo.terminateReason", wide=True),
    Column("DURATION", duration),
    AGE,
)


def reason(job: Object) -> str:
    """Of a job that is over there is nothing to wait for."""
    return "" if at(job, "status.state") == "completed" else waits_for(job)


def described(
    job: Object, records: Sequence[Object], now: Moment, *, queue: str = "", start: str = "", events: str = ""
) -> str:
    """Its settings, counts, conditions, and what happened on each node."""
    nodes = "Nodes:\n" + "\n".join(f"  {line}" for line in on_nodes(records, now).splitlines()) if records else ""
    return "\n\n".join(filter(None, [facts(_facts(job, now, queue, start)), conditions(job), nodes, events]))


def facts(found: Iterable[tuple[str, Any]]) -> str:
    return lines([[f"{title}:", str(value)] for title, value in found if value not in ("", None)])


def conditions(of: Object) -> str:
    told = [_told(each) for each in at(of, "status.conditions", []) if each.get("message")]
    return "Conditions:\n" + "\n".join(f"  {line}" for line in told) if told else ""


def _facts(job: Object, now: Moment, queue: str, start: str) -> Iterator[tuple[str, Any]]:
    counts = at(job, "status.taskCounts", {})
    yield "Name", name(job)
    yield "Namespace", at(job, "metadata.namespace")
    yield "Pool", at(job, "spec.poolInfo.poolId")
    yield "State", at(job, "status.state")
    yield "Priority", at(job, "spec.priority", 0)
    yield "Tasks", ", ".join(f"{number} {word}" for word, number in counts.items() if number and word != "completed")
    yield "Queue", queue
    yield "Starts", start
    yield "Started", at(job, "status.executionInfo.startTime")
    yield "Ended", at(job, "status.executionInfo.endTime")
    yield "Duration", duration(job, now)
    yield "End reason", at(job, "status.executionInfo.terminateReason")
    yield "Preparation", at(job, "spec.jobPreparationTask.commandLine")
    yield "Release", at(job, "spec.jobReleaseTask.commandLine")
    yield "When tasks are done", at(job, "spec.onAllTasksComplete")


def _told(each: Object) -> str:
    return f"{each['type']}={each['status']} {each.get('reason', '')}: {each['message']}"


_STEP = "status.{}ExecutionInfo"
PREPARATION, RELEASE = _STEP.format("jobPreparationTask"), _STEP.format("jobReleaseTask")
_ENDED = ("result", "exitCode", "endTime", "failureInfo")


def step(record: Object, path: str) -> Object:
    """A preparation or release; how it ended only once it has: while it runs again, after a reboot, the end before it still stands there."""
    info: Object = at(record, path, {})
    return info if at(info, "state") == "completed" else {word: info[word] for word in info if word not in _ENDED}


def _exit_of(header: str, path: str) -> Column:
    return Column(header, lambda record, _now: step(record, path).get("exitCode", ""))


NODE_COLUMNS = (
    field("NODE", "spec.nodeId"),
    field("PREPARATION", f"{PREPARATION}.state"),
    _exit_of("EXIT", PREPARATION),
    field("RETRIES", f"{PREPARATION}.retryCount"),
    field("RELEASE", f"{RELEASE}.state"),
    _exit_of("RELEASEEXIT", RELEASE),
    field("WIPE", "status.wipe.state"),
    AGE,
)


def on_nodes(records: Sequence[Object], now: Moment) -> str:
    return table(NODE_COLUMNS, sorted(records, key=lambda each: str(at(each, "spec.nodeId"))), now)


def stops(job: Object) -> bool:
    """Whether it ends when its tasks are done: by itself, or because its end was asked for or has begun."""
    asked = at(job, "spec.onAllTasksComplete") == "terminatejob" or at(job, "spec.desiredState") == "terminated"
    return asked or at(job, "status.state") in ("terminating", "deleting")
