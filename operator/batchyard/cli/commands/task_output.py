"""The output of a task: from the kubelet while its Pod is there, then from its files on the node."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from batchyard.api import names
from batchyard.cli.following import follow
from batchyard.cli.node_files import Place
from batchyard.cli.outcome import Exit, NotThere, Problem
from batchyard.cli.session import Session
from batchyard.cli.show.objects import Object, at, name
from batchyard.cli.show.progress import task_id
from batchyard.kube.kinds import BATCH_TASK

CONTAINER = "task"
STDOUT, STDERR = "stdout.txt", "stderr.txt"


def print_output(session: Session, task: Object, *, follow_: bool = False, tail: int | None = None) -> None:
    """Both streams: as they came while the Pod is there, else one after the other, each to its own of ours."""
    if follow_:
        task = _started(session, task)
    try:
        _write(sys.stdout, _of_pod(session, task, follow_=follow_, tail=tail))
    except Problem as problem:
        if not _is_gone(problem):
            raise
        print_file(session, task, STDOUT, tail=tail)
        print_file(session, task, STDERR, tail=tail, to_stderr=True)


def print_file(session: Session, task: Object, file: str, *, tail: int | None = None, to_stderr: bool = False) -> None:
    info = at(task, "status.nodeInfo", {})
    if not at(info, "taskRootDirectory"):
        raise NotThere(
            f"task {task_id(task)} has no output: it has not started",
            hint=f"batchyard task why {at(task, 'spec.jobId')} {task_id(task)}",
        )
    place = Place(session, info["poolId"], info["nodeId"])
    content = place.read(f"{info['taskRootDirectory']}/{file}", tail=tail)
    _write(sys.stderr if to_stderr else sys.stdout, content)


def _of_pod(session: Session, task: Object, *, follow_: bool, tail: int | None) -> Iterable[bytes]:
    pod = names.task_pod(name(task), at(task, "metadata.uid"), int(at(task, "status.attempt", 0)))
    return session.cluster.log(session.namespace, pod, CONTAINER, follow=follow_, tail=tail)


def _is_gone(problem: Problem) -> bool:
    """The Pod, or its container: not yet there, or not any more."""
    return problem.exit_code is Exit.NOT_FOUND or "is waiting to start" in problem.message


def _started(session: Session, task: Object) -> Object:
    """Waits until there is something to follow."""
    for found in follow(session, BATCH_TASK, session.namespace, name(task)):
        if at(found, "status.state") in ("running", "completed"):
            return found
        task = found
    return task


def _write(stream: object, chunks: Iterable[bytes]) -> None:
    """Bytes as they are: a task's output need not be text."""
    out = stream.buffer  # type: ignore[attr-defined]
    for chunk in chunks:
        out.write(chunk)
        out.flush()
