"""The outputs of all tasks of a job that failed, each below a line that names it."""

from __future__ import annotations

import sys

import click

from batchyard.cli.commands.task_output import print_file, print_output
from batchyard.cli.naming import tasks_of
from batchyard.cli.outcome import Exit, Problem
from batchyard.cli.session import Session
from batchyard.cli.show.progress import failed_ids, has_failed
from batchyard.kube.kinds import BATCH_JOB


def print_failed(session: Session, job_name: str, *, file: str | None, tail: int | None) -> int:
    """One that cannot be read keeps none of the others back; the exit code is that of the first such."""
    code = Exit.OK
    failed = [task for task in tasks_of(session, job_name) if has_failed(task)]
    if not failed:
        session.cluster.get(BATCH_JOB, session.namespace, job_name)  # says so if there is no such job
        click.echo(f"no task of job {job_name} failed", err=True)
    for task, wanted in [(each, wanted) for each in failed for wanted in failed_ids(each)]:
        click.echo(f"==> task {wanted} <==")
        sys.stdout.flush()
        try:
            if file:
                print_file(session, task, file, wanted, tail=tail)
            else:
                print_output(session, task, wanted, tail=tail)
        except Problem as problem:
            click.echo(f"error: {problem.message}", err=True)
            code = code or problem.exit_code
    return code
