"""Several outputs, each below a line that names it: of all tasks of a job that failed, for one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import partial

import click

from batchyard.cli.access.cluster import Object
from batchyard.cli.commands.task_output import print_file, print_output
from batchyard.cli.naming import tasks_of
from batchyard.cli.outcome import Exit, Problem
from batchyard.cli.session import Session
from batchyard.cli.show.progress import failed_ids, has_failed
from batchyard.kube.kinds import BATCH_JOB


def one_by_one(outputs: Iterable[tuple[str, Callable[[], None]]]) -> int:
    """One that cannot be read keeps none of the others back; the exit code is that of the first such."""
    code = Exit.OK
    for title, print_ in outputs:
        click.echo(f"==> {title} <==")
        sys.stdout.flush()
        try:
            print_()
        except Problem as problem:
            click.echo(f"error: {problem.message}", err=True)
            code = code or problem.exit_code
    return code


def print_failed(session: Session, job_name: str, *, file: str | None, tail: int | None) -> int:
    failed = [(task, wanted) for task in tasks_of(session, job_name) if has_failed(task) for wanted in failed_ids(task)]
    if not failed:
        session.cluster.get(BATCH_JOB, session.namespace, job_name)  # says so if there is no such job
        click.echo(f"no task of job {job_name} failed", err=True)

    def output(task: Object, wanted: str) -> None:
        if file:
            print_file(session, task, file, wanted, tail=tail)
        else:
            print_output(session, task, wanted, tail=tail, together=True)

    return one_by_one((f"task {wanted}", partial(output, task, wanted)) for task, wanted in failed)
