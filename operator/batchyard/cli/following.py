"""One object, or all of a kind, from now on: each version as it comes, until somebody has seen enough or the time is up."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from batchyard.cli.access.cluster import Object
from batchyard.cli.outcome import Exit, NotThere, Problem
from batchyard.cli.session import Session
from batchyard.kube.kinds import Kind, Scope

T = TypeVar("T")
Lost = Callable[[Problem], None]
WATCH_SECONDS = 300
PATIENCE = 30
"""How often in a row a cluster that does not answer is asked again, every two seconds."""


def _nobody(_: Problem) -> None:
    """Is told."""


def follow(
    session: Session, kind: Kind, namespace: str, name: str, *, timeout: float | None = None
) -> Iterator[Object]:
    """The object now and at every change. It goes on through failures of the network; a deletion ends it as a Problem."""
    deadline = None if timeout is None else session.now() + timedelta(seconds=timeout)
    scope = Scope(kind, namespace, field_selector=f"metadata.name={name}")
    for found in patient(session, lambda: _versions(session, scope, deadline)):
        if found is not None:
            yield found
        elif deadline is not None and session.now() >= deadline:
            raise Problem(f"{kind.kind} {name}: not within {timeout:.0f} s", Exit.TIMEOUT)


def changes(session: Session, scope: Scope, lost: Lost = _nobody) -> Iterator[tuple[list[Object], list[Object]]]:
    """All objects, then those that come or change and those that go, without end; again, if only nothing, once it has been `lost`."""
    known: dict[tuple[str, str], Object] = {}
    for found in patient(session, lambda: _differences(session, scope, known), lost):
        if found is not None:
            yield found


def patient(session: Session, look: Callable[[], Iterator[T]], lost: Lost = _nobody) -> Iterator[T | None]:
    """What each look finds, and None after each: looks have an end, and the network fails, of which `lost` is told."""
    failures = 0
    while True:
        try:
            for found in look():
                failures = 0
                yield found
        except Problem as problem:
            failures += 1
            if problem.exit_code is not Exit.UNREACHABLE or failures > PATIENCE:
                raise
            lost(problem)
            session.pause(2)
        yield None


def _differences(
    session: Session, scope: Scope, known: dict[tuple[str, str], Object]
) -> Iterator[tuple[list[Object], list[Object]]]:
    there = {full_name(each): each for each in session.cluster.list(scope)}
    went = [known.pop(key) for key in [*known] if key not in there]
    yield [each for key, each in there.items() if _news(known, key, each)], went
    for what, changed in session.cluster.changes(scope, "", seconds=WATCH_SECONDS):
        if what == "ERROR":
            return
        if what == "DELETED":
            known.pop(full_name(changed), None)
            yield [], [changed]
        elif _news(known, full_name(changed), changed):
            yield [changed], []


def _news(known: dict[tuple[str, str], Object], key: tuple[str, str], found: Object) -> bool:
    """A watch begins with all that is there."""
    before, known[key] = known.get(key), found
    return before is None or before["metadata"]["resourceVersion"] != found["metadata"]["resourceVersion"]


def full_name(each: Object) -> tuple[str, str]:
    return each["metadata"].get("namespace", ""), each["metadata"]["name"]


def _versions(session: Session, scope: Scope, deadline: datetime | None) -> Iterator[Object]:
    name = scope.field_selector.removeprefix("metadata.name=")
    found = session.cluster.get(scope.kind, scope.namespace or "", name)
    yield found
    seconds = _seconds_left(session, deadline)
    version = found["metadata"]["resourceVersion"]
    for what, changed in session.cluster.changes(scope, version, seconds=seconds) if seconds else ():
        if what == "ERROR":  # our version is too old: read anew
            return
        if what == "DELETED":
            raise NotThere(f"{scope.kind.kind} {name} was deleted")
        yield changed


def _seconds_left(session: Session, deadline: datetime | None) -> int:
    if deadline is None:
        return WATCH_SECONDS
    return min(WATCH_SECONDS, max(0, math.ceil((deadline - session.now()).total_seconds())))
