"""Why a task waits or how it ended. What holds its whole job back is its reason too, where it has none of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from batchyard.cli.show import ranges
from batchyard.cli.show.dependencies import blocked
from batchyard.cli.show.jobs import PREPARATION
from batchyard.cli.show.objects import Object, at, condition, is_true, plural
from batchyard.cli.show.progress import failure_code, failure_text, task_id
from batchyard.cli.show.tasks import state
from batchyard.cli.show.times import Moment, between
from batchyard.cli.show.why import NEVER, OPERATOR_HINT, Reason, of_job, told, unseen

_OVER = ("", "terminating", "completed", "deleting")
"""States of a job in which no task of it runs again."""


@dataclass(frozen=True, slots=True)
class Around:
    """What else is known."""

    job: Object | None
    record: Object | None = None
    """The BatchJobNode of the node it was given to."""
    tasks: Sequence[Object] = ()
    """The job's tasks, if this one depends on others."""


def heading(task: Object, wanted: str = "") -> str:
    number = ranges.index(task, wanted)
    which = f"{number} of {task_id(task)}" if number is not None else task_id(task)
    return f"task {which} of job {at(task, 'spec.jobId')}: {state(task)}"


def of_task(task: Object, around: Around, now: Moment, number: int | None = None) -> Reason:
    """`number`: which of a range is meant."""
    if number is not None and (ended := _one_of_range(task, number)) is not None:
        return ended
    now_in = state(task)
    if ranges.bounds(task) and now_in in ("running", "completed"):
        return _of_range(task)
    if now_in == "completed":
        return _over(task, around.job, now)
    if now_in == "running":
        return _running(task, now)
    if now_in == "preparing":
        return _preparing(task, around.record, now)
    return _waiting(task, around)


def _one_of_range(task: Object, number: int) -> Reason | None:
    logs = f"batchyard task logs {at(task, 'spec.jobId')} {number}"
    if failed := ranges.failure_of(task, number):
        return Reason(failed["failureCode"], ranges.cause(failed).partition(", ")[2], logs)
    return Reason("Succeeded", "", logs) if ranges.has_succeeded(task, number) else None


def _of_range(task: Object) -> Reason:
    word = "Running" if at(task, "status.state") == "running" else "Completed"
    message = "; ".join(filter(None, [f"{ranges.counted(task)}", ranges.causes(task)]))
    first = ranges.first_failed(task)
    return Reason(word, message, "" if first is None else f"batchyard task logs {at(task, 'spec.jobId')} {first}")


def _logs(task: Object) -> str:
    return f"batchyard task logs {at(task, 'spec.jobId')} {task_id(task)}"


def _over(task: Object, job: Object | None, now: Moment) -> Reason:
    info = at(task, "status.executionInfo", {})
    if info.get("result") == "failure":
        final = at(task, "spec.desiredState") == "terminated" or at(job or {}, "status.state") in _OVER
        again = "" if final else f"; then batchyard task reactivate {at(task, 'spec.jobId')} {task_id(task)}"
        return Reason(failure_code(info), f"{failure_text(info)}{_tries(info)}", _logs(task) + again)
    took = between(at(info, "startTime"), at(info, "endTime"), now)
    return Reason("Succeeded", f"on {at(task, 'status.nodeInfo.nodeId')} after {took}{_tries(info)}", _logs(task))


def _tries(info: Object) -> str:
    retries, requeues = int(info.get("retryCount", 0)), int(info.get("requeueCount", 0))
    said = [f"{retries} {'retry' if retries == 1 else 'retries'}"] if retries else []
    said += [plural(requeues, "requeue")] if requeues else []
    return f" ({', '.join(said)})" if said else ""


def _running(task: Object, now: Moment) -> Reason:
    info = at(task, "status.executionInfo", {})
    since = between(at(info, "startTime"), "", now)
    node = at(task, "status.nodeInfo.nodeId")
    return Reason(
        "Running", f"on {node}" + (f" for {since}" if since else "") + _tries(info), f"{_logs(task)} --follow"
    )


def _preparing(task: Object, record: Object | None, now: Moment) -> Reason:
    node, info = at(task, "status.nodeInfo.nodeId"), at(record or {}, PREPARATION, {})
    if info.get("state") == "running":
        since = between(at(info, "startTime"), "", now)
        return Reason("Preparing", f"the job's preparation runs on {node} for {since}, retry {info.get('retryCount', 0)}", "wait")  # fmt: skip
    where = f"on {node}" if node else "on the node it was given to"
    return Reason("Preparing", f"its Pod is starting {where}: the image is pulled, or the preparation is about to run", "wait")  # fmt: skip


def _waiting(task: Object, around: Around) -> Reason:
    if around.job is None:
        return Reason("Misconfigured", f"there is no job {at(task, 'spec.jobId')}", "create it")
    if condition(task, "Admitted", "False"):
        found = told(task, "Admitted", "False")
        return Reason(found.word, found.message, "create a corrected task") if found.next_step == NEVER else found
    job_waits = bool(condition(around.job, "Admitted", "False")) or at(around.job, "status.state") not in ("active", "")
    if at(around.job, "status.state") == "active" and (waits := blocked(task, around.tasks)):
        return waits
    if condition(task, "Placed", "False"):
        message = condition(task, "Placed", "False").get("message", "")
        return Reason("Unschedulable", message, "lower the task's resources.requests or free the nodes")
    if is_true(task, "Stalled"):
        return told(task, "Stalled", "True")
    if job_waits:
        return of_job(around.job, (), ())
    if unseen(around.job):
        return Reason("Unseen", "the operator has not looked at its job yet", OPERATOR_HINT)
    return Reason("PendingEvaluation", "nothing is known to keep it waiting; it is placed next", "wait")
