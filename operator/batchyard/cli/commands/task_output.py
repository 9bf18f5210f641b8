"""The output of a task: from the kubelet while it runs, then from its files on the node."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO

import click

from batchyard.api import names
from batchyard.cli.following import follow, patient
from batchyard.cli.naming import records_of
from batchyard.cli.node_files import Place
from batchyard.cli.outcome import Exit, NotThere, Problem
from batchyard.cli.session import Session
from batchyard.cli.show import ranges
from batchyard.cli.show.objects import Object, at, name
from batchyard.cli.show.picture import printable
from batchyard.cli.show.progress import task_id
from batchyard.kube.kinds import BATCH_TASK, POD, Scope, labelled

CONTAINER = "task"
LOOK_SECONDS = 30
"""How often somebody who waits for one of a range looks whether it has ended without ever running."""
STDOUT, STDERR = "stdout.txt", "stderr.txt"


def print_output(
    session: Session,
    task: Object,
    wanted: str,
    *,
    follow_: bool = False,
    tail: int | None = None,
    together: bool = False,
) -> None:
    """Both streams: as they come while it runs; of what has ended one after the other, each to its own of ours or `together`. `wanted`: its id."""
    number = ranges.index(task, wanted)
    if follow_:
        task = _started(session, task, number)

    def kubelet() -> None:
        pod = name(_pod(session, task, wanted))
        write(sys.stdout, session.cluster.log(session.namespace, pod, CONTAINER, follow=follow_, tail=tail))

    def files() -> None:
        print_file(session, task, STDOUT, wanted, tail=tail)
        print_file(session, task, STDERR, wanted, tail=tail, to_stderr=not together)

    whole(kubelet, files, ended=_ended(task, number))


def whole(kubelet: Callable[[], None], files: Callable[[], None], *, ended: bool) -> None:
    """Of what has ended the files go first: of long outputs the kubelet keeps the end alone. Who may not read them still gets that."""
    problem: Problem | None = None
    for source in (files, kubelet) if ended else (kubelet, files):
        try:
            return source()
        except Problem as found:
            if not is_gone(found) and (source is kubelet or found.exit_code is not Exit.FORBIDDEN):
                raise
            problem = found if problem is None or source is files else problem
    assert problem is not None  # noqa: S101 - each of them had one
    raise problem


def print_file(
    session: Session, task: Object, file: str, wanted: str, *, tail: int | None = None, to_stderr: bool = False
) -> None:
    stream, missing = (sys.stderr if to_stderr else sys.stdout), None
    for place, directory in _directories(session, task, wanted):
        try:
            return write(stream, place.read(f"{directory}/{file}", tail=tail))
        except NotThere as problem:
            missing = problem
    if missing is not None and ranges.bounds(task) is None:
        raise missing
    which = task_id(task) if ranges.bounds(task) is None else wanted
    gone = ", or its files are gone" if missing else ""
    raise NotThere(
        f"task {which} has no output: it has not started{gone}",
        hint=f"batchyard task why {at(task, 'spec.jobId')} {which}",
    )


def last_lines(session: Session, task: Object, wanted: str, lines: int) -> list[str]:
    """The end of what it wrote, to stand inside a text of ours. It is only extra: empty where it cannot be read."""
    try:
        chunks = session.cluster.log(
            session.namespace, name(_pod(session, task, wanted)), CONTAINER, follow=False, tail=lines
        )
        return plain(b"".join(chunks))
    except Problem:
        found = [_file_end(session, task, file, wanted, lines) for file in (STDOUT, STDERR)]
        return [line for each in found for line in each][-lines:]


def _file_end(session: Session, task: Object, file: str, wanted: str, lines: int) -> list[str]:
    for place, directory in _directories(session, task, wanted):
        try:
            return plain(b"".join(place.read(f"{directory}/{file}", tail=lines)))
        except Problem:
            continue
    return []


def plain(output: bytes, width: int = 160) -> list[str]:
    """Without what would move the cursor or change colours, and cut to a width."""
    lines = map(printable, output.decode(errors="replace").splitlines())
    return [line if len(line) <= width else f"{line[:width]}..." for line in lines]


def _directories(session: Session, task: Object, wanted: str) -> Iterator[tuple[Place, str]]:
    """Where its files may be. Of a range nobody has written down which node had which: all nodes of the job are asked, that of its Pod first."""
    number = ranges.index(task, wanted)
    if number is None:
        info = at(task, "status.nodeInfo", {})
        if at(info, "taskRootDirectory"):
            yield Place(session, info["poolId"], info["nodeId"]), info["taskRootDirectory"]
        return
    likely = [at(pod, "spec.nodeName") for pod in _pods(session, task, number)[:1]]
    records = records_of(session, str(at(task, "spec.jobId")))
    for record in sorted(records, key=lambda each: at(each, "spec.nodeId") not in likely):
        spec = record["spec"]
        yield Place(session, spec["poolId"], spec["nodeId"]), f"{spec['directory']}/job-1/{number}"


def attempts(session: Session, task: Object, number: int | None) -> Scope:
    """The Pods of its attempts that are there."""
    labels = {names.LABEL_TASK_UID: at(task, "metadata.uid")} | (
        {} if number is None else {names.LABEL_INDEX: str(number)}
    )
    return Scope(POD, session.namespace, label_selector=labelled(labels))


def _pod(session: Session, task: Object, wanted: str) -> Object:
    """That of its latest attempt."""
    for found in _pods(session, task, ranges.index(task, wanted)):
        return found
    raise NotThere(f"task {wanted} has no Pod")


def _pods(session: Session, task: Object, number: int | None) -> list[Object]:
    """The latest attempt first."""
    found = session.cluster.list(attempts(session, task, number))
    return sorted(found, key=lambda pod: -int(at(pod, "metadata.labels", {}).get(names.LABEL_ATTEMPT, 0)))


def is_gone(problem: Problem) -> bool:
    """The Pod, or its container: not yet there, or not any more."""
    return problem.exit_code is Exit.NOT_FOUND or "is waiting to start" in problem.message


def _started(session: Session, task: Object, number: int | None) -> Object:
    """Waits until there is something to follow, and says that it does."""
    if _begun(session, task, number):
        return task
    job, which = at(task, "spec.jobId"), task_id(task) if number is None else number
    click.echo(f"task {which} has not begun; waiting (why: batchyard task why {job} {which})", err=True)
    if number is None:
        for found in follow(session, BATCH_TASK, session.namespace, name(task)):
            if _begun(session, found, None):
                return found
    return _one_begun(session, task, number)


def _ended(task: Object, number: int | None) -> bool:
    if at(task, "status.state") == "completed":
        return True
    return number is not None and any(number == each for each, _ in ranges.states(task))


def _begun(session: Session, task: Object, number: int | None) -> bool:
    """Of a range the object says only which have ended; that one runs is seen at its Pod."""
    if number is None or at(task, "status.state") == "completed":
        return at(task, "status.state") in ("running", "completed")
    return _ended(task, number) or any(map(_runs, session.cluster.list(attempts(session, task, number))))


def _one_begun(session: Session, task: Object, number: int | None) -> Object:
    def look() -> Iterator[Object]:
        found = session.cluster.get(BATCH_TASK, session.namespace, name(task))
        if _begun(session, found, number):
            yield found
        for _, pod in session.cluster.changes(attempts(session, task, number), "", seconds=LOOK_SECONDS):
            if _runs(pod):
                yield found

    return next(found for found in patient(session, look) if found is not None)


def _runs(pod: Object) -> bool:
    return at(pod, "status.phase") not in ("", "Pending")


def write(stream: TextIO, chunks: Iterable[bytes]) -> None:
    """Bytes as they are: a task's output need not be text."""
    for chunk in chunks:
        stream.buffer.write(chunk)
        stream.buffer.flush()
