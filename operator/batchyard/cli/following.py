"""One object from now on: each of its versions as they come, until somebody has seen enough or the time is up."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

from batchyard.cli.access.cluster import Object
from batchyard.cli.outcome import Exit, NotThere, Problem
from batchyard.cli.session import Session
from batchyard.kube.kinds import Kind, Scope

WATCH_SECONDS = 300
PATIENCE = 30
"""How often in a row a cluster that does not answer is asked again, every two seconds."""


def follow(
    session: Session, kind: Kind, namespace: str, name: str, *, timeout: float | None = None
) -> Iterator[Object]:
    """The object now and at every change. It goes on through failures of the network; a deletion ends it as a Problem."""
    deadline = None if timeout is None else session.now() + timedelta(seconds=timeout)
    failures = 0
    while True:
        try:
            for found in _versions(session, Scope(kind, namespace, field_selector=f"metadata.name={name}"), deadline):
                failures = 0
                yield found
        except Problem as problem:
            failures += 1
            if problem.exit_code is not Exit.UNREACHABLE or failures > PATIENCE:
                raise
            session.pause(2)
        if deadline is not None and session.now() >= deadline:
            raise Problem(f"{kind.kind} {name}: not within {timeout:.0f} s", Exit.TIMEOUT)


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
