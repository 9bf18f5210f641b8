"""`batchyard why TARGET [TASK]`: fetches what an answer needs."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from batchyard.api import names
from batchyard.cli.access.cluster import Object
from batchyard.cli.naming import complete_job, complete_task, find_task, records_of, tasks_of
from batchyard.cli.outcome import NotThere, Problem
from batchyard.cli.session import Session, output_option, with_session
from batchyard.cli.show import queue, ranges, why_task
from batchyard.cli.show import why as show
from batchyard.cli.show.documented import PAGE
from batchyard.cli.show.objects import at
from batchyard.cli.show.progress import has_failed
from batchyard.cli.show.table import written
from batchyard.cli.standing import Standing, standing
from batchyard.kube.kinds import BATCH_JOB, BATCH_JOB_NODE, BATCH_NODE, BATCH_POOL, Kind, Scope

DOCS = "BATCHYARD_DOCS"
"""The address of somebody's own copy of the page that tells of reasons."""


@click.command()
@click.argument("job_name", metavar="JOB|pool/POOL", shell_complete=complete_job)
@click.argument("task_name", metavar="[TASK]", required=False, shell_complete=complete_task)
@output_option("json", "yaml")
@with_session
def why(session: Session, job_name: str, task_name: str | None, output: str | None) -> None:
    """Say why a job, a task of it, or a pool waits, or how it ended: one reason, numbers, the next step."""
    kind, _, name = job_name.rpartition("/")
    if kind not in ("", "job", "pool"):
        raise Problem(f"{job_name} is neither a job nor a pool", hint="batchyard why JOB, why JOB TASK, why pool/POOL")
    if kind == "pool":
        _print_pool(session, name, output)
    elif task_name:
        print_task(session, name, task_name, output)
    else:
        _print_job(session, name, output)


def _print_job(session: Session, job_name: str, output: str | None) -> None:
    job = session.cluster.get(BATCH_JOB, session.namespace, job_name)
    failed: list[Object] = []
    if at(job, "status.taskCounts.failed", 0):
        failed = [task for task in tasks_of(session, job_name) if has_failed(task)]
    records = records_of(session, job_name)
    reason = show.of_job(job, failed, records)
    also = [*standing(session, job).also, *show.beside(job, failed, records)]
    _tell(output, show.job_heading(job), reason, also)


def _print_pool(session: Session, pool_name: str, output: str | None) -> None:
    pool = session.cluster.get(BATCH_POOL, session.namespace, pool_name)
    of_pool = Scope(BATCH_NODE, session.namespace, field_selector=f"spec.poolId={pool_name}")
    _tell(output, show.pool_heading(pool), show.of_pool(pool, session.cluster.list(of_pool)))


def print_task(session: Session, job_name: str, task_name: str, output: str | None) -> None:
    task = find_task(session, job_name, task_name)
    reason, place = of_task(session, task, ranges.index(task, task_name))
    _tell(output, why_task.heading(task, task_name), reason, place.also)


def _tell(output: str | None, heading: str, reason: show.Reason, also: Sequence[str] = ()) -> None:
    page = os.environ.get(DOCS) or PAGE
    told = written(show.wire(heading, reason, also, page), output) if output else show.text(heading, reason, also, page)
    click.echo(told)


def of_task(session: Session, task: Object, number: int | None) -> tuple[show.Reason, Standing]:
    """Why it waits or how it ended, and where it stands if slots are what it waits for."""
    job_name = str(at(task, "spec.jobId"))
    around = why_task.Around(
        job=_found(session, BATCH_JOB, job_name),
        record=_record(session, task),
        tasks=tasks_of(session, job_name) if at(task, "spec.dependsOn", None) else (),
    )
    reason = why_task.of_task(task, around, session.now(), number)
    queues = around.job is not None and reason.word in queue.FOR_SLOTS
    return reason, standing(session, around.job, task, number) if queues and around.job else Standing()


def _record(session: Session, task: Object) -> Object | None:
    node = at(task, "status.nodeInfo.nodeId")
    if not node or at(task, "status.state") != "preparing":
        return None
    return _found(session, BATCH_JOB_NODE, names.job_node(at(task, "spec.jobId"), node))


def _found(session: Session, kind: Kind, name: str) -> Object | None:
    try:
        return session.cluster.get(kind, session.namespace, name)
    except NotThere:
        return None
