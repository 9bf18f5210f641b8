"""One job: how far it is, why it waits, its preparation and release on each node, the tasks that failed. Objects in, plain values out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from batchyard.cli.show import progress, ranges, why
from batchyard.cli.show.jobs import PREPARATION, RELEASE, step
from batchyard.cli.show.objects import Object, at, name
from batchyard.cli.web import jobs, timeline
from batchyard.cli.web.reasons import command, told

MOST = 200
"""Failed tasks, and nodes with their preparation and release, that are told one by one."""


@dataclass(frozen=True, slots=True)
class Around:
    tasks: Sequence[Object]
    records: Sequence[Object]
    """Its BatchJobNodes."""
    stands: Sequence[str] = ()
    """Its place in the queue."""
    place: Sequence[str] = ()
    """Options with which a command finds the same cluster and namespace."""


def shown(job: Object, around: Around) -> Object:
    failed = [each for each in around.tasks if progress.has_failed(each)]
    records = sorted(around.records, key=_ailing)
    return {
        **jobs.row(job),
        "heading": why.job_heading(job),
        "progress": progress.line(job),
        "why": told(why.of_job(job, failed, around.records)),
        "also": [*around.stands, *why.beside(job, failed, around.records)],
        "causes": why.causes(failed),
        "nodes": [_on_node(each, around.place) for each in records[:MOST]],
        "nodesTotal": len(records),
        "failures": list(islice(_failures(failed, around.place), MOST)),
        "failuresTotal": sum(len(progress.failed_ids(each)) for each in failed),
        "timeline": timeline.shown(around.tasks, around.records),
        "commands": [command("why", name(job), *around.place), command("task", "list", name(job), *around.place)],
    }


def _failures(failed: Sequence[Object], place: Sequence[str]) -> Iterator[Object]:
    for task in failed:
        if ranges.failures(task):
            yield from (_one_of_range(task, number, place) for number in ranges.failed_ones(task))
        else:
            yield _failure(task, place)


def _one_of_range(task: Object, number: int, place: Sequence[str]) -> Object:
    failure = ranges.failure_of(task, number)
    words = {"code": failure.get("failureCode", ""), "exitCode": failure.get("exitCode"), "message": ""}
    return {"task": str(number), "node": "", **words, "command": _logs(task, str(number), place)}


def _failure(task: Object, place: Sequence[str]) -> Object:
    info = at(task, "status.executionInfo", {})
    return {
        "task": progress.task_id(task),
        "node": at(task, "status.nodeInfo.nodeId"),
        "code": progress.failure_code(info),
        "exitCode": info.get("exitCode"),
        "message": str(at(info, "failureInfo.message"))[:500],
        "command": _logs(task, progress.task_id(task), place),
    }


def _logs(task: Object, wanted: str, place: Sequence[str]) -> str:
    return command("task", "logs", str(at(task, "spec.jobId")), wanted, *place)


def _ailing(record: Object) -> tuple[bool, str]:
    """Nodes on which a step failed stand first."""
    failed = any(at(step(record, path), "result") == "failure" for path in (PREPARATION, RELEASE))
    return not failed, str(at(record, "spec.nodeId"))


def _on_node(record: Object, place: Sequence[str]) -> Object:
    job, node = str(at(record, "spec.jobId")), str(at(record, "spec.nodeId"))
    return {
        "node": node,
        "preparation": _step(step(record, PREPARATION)),
        "release": _step(step(record, RELEASE)),
        "tasksStarted": bool(at(record, "status.tasksStarted")),
        "wipe": at(record, "status.wipe.state"),
        "command": command("job", "logs", job, "--node", node, *place),
    }


def _step(info: Object) -> Object:
    return {
        "state": at(info, "result") or at(info, "state"),
        "exitCode": info.get("exitCode"),
        "retries": at(info, "retryCount", 0),
        "start": at(info, "startTime"),
        "end": at(info, "endTime"),
    }
