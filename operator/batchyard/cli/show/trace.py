"""A job as a trace: what the statuses say of its time, as spans, and nothing else. How a trace is written is in trace_forms.py."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from batchyard.api import names, trace_context
from batchyard.cli.show import ranges
from batchyard.cli.show.jobs import PREPARATION, RELEASE
from batchyard.cli.show.objects import Object, at, condition, is_true, name
from batchyard.cli.show.progress import cause, task_id
from batchyard.cli.show.times import Moment, moment

MOST = 500
"""Spans of tasks; collectors and people have limits."""


@dataclass(frozen=True, slots=True)
class Span:
    id: str
    parent: str
    """Empty for one that stands by itself."""
    name: str
    start: Moment
    end: Moment
    attributes: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    """Why it failed; None if it has not."""

    @property
    def node(self) -> str:
        return str(self.attributes.get("k8s.node.name", ""))


@dataclass(frozen=True, slots=True)
class Trace:
    id: str
    namespace: str
    spans: tuple[Span, ...]
    """The job first."""


def trace(job: Object, records: Sequence[Object], tasks: Sequence[Object], now: Moment) -> Trace:
    """Complete at any time; what has not ended lasts until now. `records` and `tasks` may be of an earlier job of the name too."""
    uid = str(at(job, "metadata.uid"))
    context = trace_context.of_job(uid, at(job, "metadata.annotations", {}))
    root = trace_context.span(uid)
    mine = [record for record in records if at(record, "spec.jobUID") == uid]
    steps = [*_preparations(mine, uid, now), *_releases(mine, root, now)]
    work = [span for task in tasks if _owned(task, uid) for span in _task(task, root, now)]
    kept = chosen(work)
    whole = _job(job, root, context.parent, now, left_out=len(work) - len(kept))
    waiting = _waiting(whole, uid, [*steps, *work])
    below = sorted([waiting, *steps, *kept], key=lambda span: (span.start, span.name))
    return Trace(context.id, str(at(job, "metadata.namespace")), (whole, *below))


def chosen(work: Sequence[Span], most: int = MOST) -> list[Span]:
    """Those that failed, then the slowest, and for the last half of the room a sample, which is the same at every call."""
    slowest = sorted(work, key=lambda span: (span.start - span.end, span.id))
    failed = [span for span in slowest if span.error is not None][:most]
    others = [span for span in slowest if span.error is None]
    room = most - len(failed)
    slow = others[: (room + 1) // 2]
    sample = sorted(others[len(slow) :], key=lambda span: span.id)[: room - len(slow)]
    return [*failed, *slow, *sample]


def _owned(task: Object, uid: str) -> bool:
    """By nobody, where its user has made it so."""
    owners = [owner["uid"] for owner in at(task, "metadata.ownerReferences", []) if owner["kind"] == "BatchJob"]
    return not owners or uid in owners


def _job(job: Object, root: str, parent: str, now: Moment, *, left_out: int) -> Span:
    info = at(job, "status.executionInfo", {})
    start = moment(info.get("startTime", "")) or moment(at(job, "metadata.creationTimestamp")) or now
    end = moment(info.get("endTime", ""))
    attributes = {
        "batchyard.job.name": name(job),
        "batchyard.pool.name": at(job, "spec.poolInfo.poolId"),
        "batchyard.job.state": at(job, "status.state", None),
        "batchyard.job.terminate_reason": info.get("terminateReason"),
        **{f"batchyard.job.tasks.{word}": at(job, f"status.taskCounts.{word}", 0) for word in ("succeeded", "failed")},
        "batchyard.trace.tasks_left_out": left_out or None,
        "batchyard.unfinished": end is None or None,
    }
    error = str(condition(job, "Failed")["message"]) if is_true(job, "Failed") else None
    return Span(root, parent, f"job {name(job)}", start, max(start, end or now), _known(attributes), error)


def _waiting(job: Span, uid: str, others: Sequence[Span]) -> Span:
    """From the job's creation to the first that is known to have begun."""
    first = min((span.start for span in others), default=job.end)
    unfinished = {} if others else _known({"batchyard.unfinished": job.attributes.get("batchyard.unfinished")})
    return Span(trace_context.span(uid, "waiting"), job.id, "waiting", job.start, max(job.start, first), unfinished)


def _preparations(records: Sequence[Object], uid: str, now: Moment) -> Iterator[Span]:
    """Below one span for all, because their commands, which come from one template, are told no other."""
    whole = trace_context.span(uid, trace_context.PREPARATION)
    found = [span for record in records for span in _step(record, "preparation", PREPARATION, whole, now)]
    if found:
        start, end = min(span.start for span in found), max(span.end for span in found)
        lasts = any("batchyard.unfinished" in span.attributes for span in found)
        root = trace_context.span(uid)
        yield Span(whole, root, "preparation", start, end, _known({"batchyard.unfinished": lasts or None}))
        yield from found


def _releases(records: Sequence[Object], root: str, now: Moment) -> Iterator[Span]:
    for record in records:
        yield from _step(record, "release", RELEASE, root, now)


def _step(record: Object, word: str, path: str, parent: str, now: Moment) -> Iterator[Span]:
    info, node = at(record, path, {}), str(at(record, "spec.nodeId"))
    own = trace_context.span(at(record, "metadata.uid"), word)
    over = info.get("state") == "completed"
    yield from _run(Span(own, parent, f"{word} {node}", now, now, {"k8s.node.name": node}), info, now, over=over)


def _task(task: Object, root: str, now: Moment) -> Iterator[Span]:
    """Its last attempt; of a range all its tasks together, because nobody keeps the times of each."""
    info, uid = at(task, "status.executionInfo", {}), at(task, "metadata.uid")
    attributes = {
        "batchyard.task.id": task_id(task),
        "k8s.node.name": at(task, "status.nodeInfo.nodeId", None),
        "batchyard.task.requeues": info.get("requeueCount"),
        "batchyard.task.recoveries": at(task, "status.recoveryCount", None),
        **(_of_single(task) if ranges.bounds(task) is None else _of_range(task)),
    }
    over = at(task, "status.state") == "completed"
    blank = Span(trace_context.span(uid), root, f"task {task_id(task)}", now, now, _known(attributes))
    yield from _run(blank, info, now, over=over, failure=ranges.causes(task))


def _of_single(task: Object) -> dict[str, Any]:
    attempt = int(at(task, "status.attempt", 0))
    ran = bool(at(task, "status.executionInfo.startTime"))
    pod = names.task_pod(name(task), at(task, "metadata.uid"), attempt) if ran else None
    return {"batchyard.task.attempt": attempt, "k8s.pod.name": pod}


def _of_range(task: Object) -> dict[str, Any]:
    counts = ((word, at(task, f"status.range.counts.{word}", 0)) for word in ("active", "succeeded", "failed"))
    return {f"batchyard.range.{word}": number for word, number in counts}


def _run(blank: Span, info: Object, now: Moment, *, over: bool, failure: str = "") -> Iterator[Span]:
    """`blank` with its times and outcome; nothing if it has not begun. What ended without having begun is a moment."""
    start = moment(info.get("startTime", "")) or (moment(info.get("endTime", "")) if over else None)
    if start is None:
        return
    end = (moment(info.get("endTime", "")) or start) if over else now
    failed = failure or (cause(info) if over and info.get("result") == "failure" else "")
    outcome = {
        "batchyard.retries": info.get("retryCount"),
        "batchyard.unfinished": not over or None,
        **(_ended(info) if over else {}),  # else it is of the run before
    }
    yield Span(
        blank.id, blank.parent, blank.name, start, max(start, end), blank.attributes | _known(outcome), failed or None
    )


def _ended(info: Object) -> dict[str, Any]:
    failure = at(info, "failureInfo.code", None)
    return {"process.exit.code": info.get("exitCode"), "batchyard.result": info.get("result"), "error.type": failure}


def _known(attributes: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in attributes.items() if value is not None}
