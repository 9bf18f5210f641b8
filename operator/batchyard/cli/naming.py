"""Finds the objects that people name by Azure's ids, and offers names for completion."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click

from batchyard.api import names
from batchyard.cli.access.cluster import Object
from batchyard.cli.outcome import NotThere, Problem
from batchyard.cli.session import Session, Wish, session_of
from batchyard.cli.show import ranges
from batchyard.cli.show.objects import at, name
from batchyard.cli.show.progress import task_id
from batchyard.kube.kinds import BATCH_JOB, BATCH_JOB_NODE, BATCH_NODE, BATCH_POOL, BATCH_TASK, Kind, Scope

Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def tasks_of(session: Session, job: str, order: Callable[[Object], Any] | None = None) -> list[Object]:
    """Its tasks, by id unless another order is wanted."""
    selector = f"spec.jobId={job}"
    found = session.cluster.list(Scope(BATCH_TASK, session.namespace, field_selector=selector))
    return sorted(found, key=order or natural)


def records_of(session: Session, job: str) -> list[Object]:
    """What is told of its preparation and release, node by node."""
    return session.cluster.list(Scope(BATCH_JOB_NODE, session.namespace, field_selector=f"spec.jobId={job}"))


def in_line(task: Object) -> tuple[str, list[tuple[int, str]]]:
    """As the operator starts them: the older one first."""
    return at(task, "metadata.creationTimestamp"), natural(task)


def natural(task: Object) -> list[tuple[int, str]]:
    """frame2 before frame10."""
    return natural_order(task_id(task))


def natural_order(text: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text)]


def find_task(session: Session, job: str, wanted: str) -> Object:
    """By id without regard to case, by a number inside a range, or by the object's own name."""
    try:
        found = session.cluster.get(BATCH_TASK, session.namespace, names.task(job, wanted))
        if at(found, "spec.jobId") == job:
            return found
    except NotThere:
        pass
    for each in tasks_of(session, job):
        if wanted.lower() in (task_id(each).lower(), name(each)) or ranges.index(each, wanted) is not None:
            return each
    session.cluster.get(BATCH_JOB, session.namespace, job)  # says so if it is the job that is not there
    raise NotThere(f"job {job} has no task {wanted}", hint=f"batchyard task list {job}")


def find_node(session: Session, wanted: str, pool: str | None) -> Object:
    """A BatchNode, by its own name or by the name of its machine."""
    selector = ",".join([f"spec.nodeId={wanted}", *([f"spec.poolId={pool}"] if pool else [])])
    found = session.cluster.list(Scope(BATCH_NODE, session.namespace, field_selector=selector))
    if len(found) > 1:
        pools = ", ".join(sorted(str(at(each, "spec.poolId")) for each in found))
        raise Problem(f"node {wanted} serves several pools: {pools}", hint="choose one with --pool")
    if found:
        return found[0]
    if "." in wanted and not pool:
        return session.cluster.get(BATCH_NODE, session.namespace, wanted)
    raise NotThere(f"no pool of namespace {session.namespace} has a node {wanted}", hint="batchyard node list")


def completing(kind: Kind) -> Complete:
    """Offers the names of objects; whatever is wrong, it offers nothing."""

    def complete(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        try:
            found = _session(context).cluster.list(Scope(kind, _session(context).namespace))
        except Problem:
            return []
        return [name(each) for each in found if name(each).startswith(incomplete)]

    return complete


def complete_task(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Ids of the tasks of the job that was typed before."""
    try:
        found = tasks_of(_session(context), str(context.params.get("job_name")))
    except Problem:
        return []
    return [task_id(each) for each in found if task_id(each).startswith(incomplete)]


def _session(context: click.Context) -> Session:
    """While a line is only being completed nobody has read the options in front of a command's name."""
    given: dict[str, str | None] = {}
    place: click.Context | None = context
    while place is not None:
        given = {option: place.params.get(option) for option in Wish.__slots__} | {k: v for k, v in given.items() if v}
        place = place.parent
    return session_of(context, Wish(**given))


complete_job, complete_pool, complete_node = completing(BATCH_JOB), completing(BATCH_POOL), completing(BATCH_NODE)
