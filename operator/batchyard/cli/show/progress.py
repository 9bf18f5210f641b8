"""How far a job is and how it ended: one line while it goes on, a verdict when it is over. No clock of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from batchyard.cli.outcome import Exit
from batchyard.cli.show import ranges
from batchyard.cli.show.jobs import reason, stops, total
from batchyard.cli.show.objects import Object, at, condition, is_true, name, plural
from batchyard.cli.show.times import span

WIDTH = 24
_BY_ITSELF = ("AllTasksComplete", "TaskFailed", "MaxWallClockTimeExpiry")
"""Ends that nobody asked for."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is left to say, and the exit code."""

    text: str
    exit_code: Exit


def verdict(job: Object, wanted: str = "done") -> Verdict | None:
    """None while there is something to wait for. `wanted`: tasks, completed, or done, which is completed where a job completes by itself."""
    failed, state = int(at(job, "status.taskCounts.failed", 0)), at(job, "status.state")
    if not _seen(job):
        return None
    if state == "completed":
        return _of_completed(job, failed)
    if is_true(job, "Stalled"):
        return Verdict(f"job {name(job)} cannot go on: {condition(job, 'Stalled')['message']}", Exit.JOB_FAILED)
    if state == "disabled":
        text = condition(job, "Suspended", "True").get("message") or "it is disabled"
        return Verdict(f"job {name(job)} is disabled: {text}", Exit.JOB_STOPPED)
    if wanted == "completed" or (wanted == "done" and stops(job)) or not _tasks_done(job):
        return None
    told = f"job {name(job)}: {_tasks(job, failed)}"
    more = f"it stays active; `batchyard job terminate {name(job)}` releases its nodes and ends it"
    return Verdict(f"{told}; {more}", Exit.JOB_FAILED if failed else Exit.OK)


def _seen(job: Object) -> bool:
    return int(at(job, "status.observedGeneration", -1)) >= int(at(job, "metadata.generation", 0))


def _of_completed(job: Object, failed: int) -> Verdict:
    why = at(job, "status.executionInfo.terminateReason")
    if not is_true(job, "Failed"):
        return Verdict(f"job {name(job)} completed ({why}): {_tasks(job, failed)}", Exit.OK)
    if why in _BY_ITSELF:
        return Verdict(f"job {name(job)} failed ({why}): {_tasks(job, failed)}", Exit.JOB_FAILED)
    return Verdict(f"job {name(job)} was terminated ({why}): {_tasks(job, failed)}", Exit.JOB_STOPPED)


def _tasks(job: Object, failed: int) -> str:
    return f"{at(job, 'status.taskCounts.succeeded', 0)} of {plural(total(job), 'task')} succeeded, {failed} failed"


def _tasks_done(job: Object) -> bool:
    return 0 < total(job) <= int(at(job, "status.taskCounts.completed", 0))


def bar(job: Object, seconds: float) -> str:
    """`seconds`: since we began to watch; the estimate is the pace since the job's start."""
    done, all_ = int(at(job, "status.taskCounts.completed", 0)), total(job)
    parts = [f"{name(job)}  {gauge(done, all_, WIDTH)}  {done}/{all_}", *_numbers(job)]
    if 0 < done < all_:
        parts.append(f"eta {span(seconds * (all_ - done) / done)}")
    return "  ".join(parts)


def gauge(done: int, all_: int, width: int) -> str:
    filled = width * done // all_ if all_ else 0
    return f"[{'#' * filled}{'-' * (width - filled)}]"


def _numbers(job: Object) -> list[str]:
    counts = at(job, "status.taskCounts", {})
    said = [f"{counts[word]} {word}" for word in ("failed", "running", "preparing") if counts.get(word)]
    state = at(job, "status.state")
    return said if state in ("", "active", "completed") else [*said, str(state)]


def line(job: Object) -> str:
    """The same for where lines cannot be rewritten: printed when it changes."""
    parts = [f"{name(job)}: {at(job, 'status.taskCounts.completed', 0)}/{total(job)} tasks completed", *_numbers(job)]
    return ", ".join(parts)


def hint(job: Object) -> str:
    """Why tasks wait, where they do and it is worth a line."""
    if (word := reason(job)) in ("", "PendingEvaluation") or at(job, "status.state") != "active":
        return ""
    return f"{word}: {condition(job, 'Admitted')['message']}"


def failures(tasks: Sequence[Object], said: Mapping[str, Sequence[str]] | None = None, limit: int = 10) -> str:
    """The tasks that failed, one line each, below it the last lines that it `said`, by the task's id; and the command that shows more."""
    failed, told = [each for each in tasks if has_failed(each)], list[str]()
    for each in failed[:limit]:
        told += [f"  {failure(each)}", *(f"    | {line}".rstrip() for line in (said or {}).get(failed_id(each), ()))]
    if len(failed) > limit:
        told.append(f"  and {len(failed) - limit} more: batchyard task list {at(failed[0], 'spec.jobId')} --failed")
    if failed:
        told.append(f"  batchyard task logs {at(failed[0], 'spec.jobId')} {_which(failed)}")
    return "\n".join(told)


def _which(failed: Sequence[Object]) -> str:
    one = len(failed) == 1 and len(failed_ids(failed[0])) == 1
    return failed_id(failed[0]) if one else "--failed"


def has_failed(task: Object) -> bool:
    return bool(at(task, "status.executionInfo.result") == "failure" or ranges.failures(task))


def failed_id(task: Object) -> str:
    """The task that failed; of a range the first that did."""
    first = ranges.first_failed(task)
    return task_id(task) if first is None else str(first)


def failed_ids(task: Object) -> list[str]:
    """Of a range all that did."""
    return [*map(str, ranges.failed_ones(task))] or [task_id(task)]


def failure(task: Object) -> str:
    if ranges.failures(task):
        return f"{task_id(task)}: {ranges.causes(task)}"
    info, node = at(task, "status.executionInfo", {}), at(task, "status.nodeInfo.nodeId")
    return f"{task_id(task)}{f' on {node}' if node else ''}: {cause(info)}"


def cause(info: Object) -> str:
    """Without the task, so that equal ones can be counted."""
    text = failure_text(info)
    return failure_code(info) + (f", {text}" if text else "")


def failure_code(info: Object) -> str:
    return str(at(info, "failureInfo.code") or "Failed")


def failure_text(info: Object) -> str:
    exit_code = info.get("exitCode")
    parts = ["" if exit_code is None else f"exit code {exit_code}", at(info, "failureInfo.message")]
    return ": ".join(filter(None, parts))


def task_id(task: Object) -> str:
    if (found := ranges.bounds(task)) is not None:
        return f"{found[0]}-{found[1]}"
    return str(at(task, "spec.id") or name(task))
