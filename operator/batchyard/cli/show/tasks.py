"""Tasks as tables. A range of tasks is one line with counts."""

from __future__ import annotations

from batchyard.cli.show import ranges
from batchyard.cli.show.objects import Object, at, condition, waits_for
from batchyard.cli.show.progress import task_id
from batchyard.cli.show.table import AGE, Column, field
from batchyard.cli.show.times import between

_INFO = "status.executionInfo"
COLUMNS = (
    Column("TASK", lambda task, _now: task_id(task)),
    Column("STATE", lambda task, _now: state(task)),
    field("NODE", "status.nodeInfo.nodeId"),
    field("EXIT", f"{_INFO}.exitCode"),
    Column("RESULT", lambda task, _now: ranges.counted(task) if ranges.bounds(task) else at(task, f"{_INFO}.result")),
    Column("RETRIES", lambda task, _now: at(task, f"{_INFO}.retryCount", 0)),
    Column("REASON", lambda task, _now: reason(task)),
    Column("REQUEUES", lambda task, _now: at(task, f"{_INFO}.requeueCount", 0), wide=True),
    Column("RECOVERIES", lambda task, _now: at(task, "status.recoveryCount", 0), wide=True),
    field("COMMAND", "spec.commandLine", wide=True),
    Column("DURATION", lambda task, now: between(at(task, f"{_INFO}.startTime"), at(task, f"{_INFO}.endTime"), now)),
    AGE,
)


def state(task: Object) -> str:
    """One that nobody has written about yet waits."""
    return str(at(task, "status.state") or "active")


def reason(task: Object) -> str:
    """Why it waits, or why it failed."""
    if failed := at(task, "status.range.failed", []):
        return str(failed[0]["failureCode"])
    if at(task, "status.state") == "completed":
        return str(at(task, f"{_INFO}.failureInfo.code"))
    return waits_for(task) or str(condition(task, "Placed", "False").get("reason", ""))


def no_reactivation(task: Object, one: int | None = None) -> str:
    """What the operator would answer; empty when it would run it again. `one` of a range, if not all that failed are meant."""
    if one is not None and not ranges.failure_of(task, one):
        return "has not failed; only a failed task can run again"
    if ranges.failures(task) and at(task, "spec.desiredState") != "terminated":
        return ""
    if state(task) != "completed":
        return f"is {state(task)}; only a failed task can run again"
    if at(task, f"{_INFO}.result") == "success":
        return "has succeeded, and success is final; create a new task"
    if at(task, "spec.desiredState") == "terminated":
        return "was terminated, which is final; create a new task"
    return ""
