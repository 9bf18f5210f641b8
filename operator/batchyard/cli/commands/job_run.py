"""`batchyard job run` and `batchyard job wait`: start a job, watch it to its end, and let the exit code tell how it went."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from batchyard.api.names import API_VERSION
from batchyard.cli.access.cluster import Object
from batchyard.cli.commands.printing import changed
from batchyard.cli.commands.task_output import last_lines, print_output
from batchyard.cli.following import follow
from batchyard.cli.live import shown
from batchyard.cli.naming import complete_job, complete_pool, tasks_of
from batchyard.cli.outcome import Exit, NotThere, Problem
from batchyard.cli.session import Seconds, Session, output_option, with_session
from batchyard.cli.show import progress, ranges
from batchyard.cli.show.objects import at, name
from batchyard.cli.show.table import document
from batchyard.kube.kinds import BATCH_JOB

TASK = "task"
"""Id of the only task of a job made from a command line."""
TALKING, LINES = 3, 5
"""How many of the tasks that failed are let say how many last lines."""


@click.command()
@click.option("-f", "--filename", help="A file with one BatchJob; - for standard input.")
@click.option("--pool", shell_complete=complete_pool, help="The pool that runs COMMAND.")
@click.option("--image", help="The image COMMAND runs in; the pool's image by default.")
@click.option("--name", "name_", help="Name of the job; a new one that begins with run- by default.")
@click.option("-e", "--env", multiple=True, metavar="NAME=VALUE", help="A variable for COMMAND; may be repeated.")
@click.option("--no-wait", is_flag=True, help="Return as soon as the job is created.")
@click.option("--timeout", type=Seconds(), help="Seconds to wait at most. The job goes on all the same.")
@click.option("--logs", is_flag=True, help="At the end print the output of COMMAND, or of the first task that failed.")
@click.option("--dry-run", is_flag=True, help="Print the job instead of creating it.")
@output_option("name", "json", "yaml")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@with_session
def run(session: Session, /, **options: Any) -> int:
    """Create a job from a file or around COMMAND, show its progress, and end as it ends.

    \b
    batchyard job run -f job.yaml
    batchyard job run --pool sample --image busybox:1.37 -- /bin/sh -c 'echo hello'
    """  # noqa: D301 - click's mark for lines that stay as they are
    body = _body(options)
    if options["dry_run"]:
        click.echo(document([body], options["output"] or "yaml", single=True))
        return Exit.OK
    namespace = _namespace(session, body)
    created = session.cluster.create(BATCH_JOB, namespace, body)
    changed(created, "created", options["output"])
    if options["no_wait"]:
        return Exit.OK
    return _watch(session, namespace, name(created), "done", options["timeout"], logs=options["logs"])


@click.command()
@click.argument("job_name", metavar="JOB", shell_complete=complete_job)
@click.option(
    "--for",
    "wanted",
    type=click.Choice(["done", "tasks", "completed"]),
    default="done",
    show_default=True,
    help="tasks: all its tasks are completed. completed: the job is, release included. done: the latter if the job ends by itself.",
)
@click.option("--timeout", type=Seconds(), help="Seconds to wait at most.")
@click.option("--logs", is_flag=True, help="At the end print the output of the first task that failed.")
@with_session
def wait(session: Session, job_name: str, wanted: str, timeout: float | None, logs: bool) -> int:
    """Wait for a job, whatever becomes of it; the exit code tells. Tasks that failed are shown with their last lines."""
    return _watch(session, session.namespace, job_name, wanted, timeout, logs=logs)


def _watch(session: Session, namespace: str, job_name: str, wanted: str, timeout: float | None, *, logs: bool) -> int:
    job, end = None, None
    with shown(session) as show:
        try:
            for job in follow(session, BATCH_JOB, namespace, job_name, timeout=timeout):
                show(job)
                if (end := progress.verdict(job, wanted)) is not None:
                    break
        except NotThere as gone:
            if job is not None:
                raise Problem(f"job {job_name} was deleted", Exit.JOB_STOPPED) from gone
            raise
        except KeyboardInterrupt as stop:
            hint = f"batchyard job wait {job_name}, or batchyard job terminate {job_name}"
            raise Problem(f"interrupted; job {job_name} goes on", Exit.INTERRUPTED, hint=hint) from stop
    assert end is not None  # noqa: S101 - only a verdict or a Problem ends the loop
    click.echo(end.text)
    _tell_more(replace(session, namespace=namespace), job_name, end.exit_code, logs=logs)
    return end.exit_code


def _tell_more(session: Session, job_name: str, exit_code: Exit, *, logs: bool) -> None:
    """The tasks that failed and what they said last; with `logs` the output of the first of them, or of the only task there is."""
    if exit_code is Exit.OK and not logs:
        return
    tasks = tasks_of(session, job_name)
    failed = [task for task in tasks if progress.has_failed(task)]
    named = [] if logs else [(task, progress.failed_id(task)) for task in failed[:TALKING]]
    said = {wanted: last_lines(session, task, wanted, LINES) for task, wanted in named}
    if told := progress.failures(failed, said):
        click.echo(told)
    if logs and (chosen := failed or [task for task in tasks if len(tasks) == 1 and not ranges.bounds(task)]):
        print_output(session, chosen[0], progress.failed_id(chosen[0]))


def _namespace(session: Session, body: Object) -> str:
    named = at(body, "metadata.namespace")
    if named and session.namespace_given and named != session.namespace:
        raise Problem(f"the file says namespace {named}, the option {session.namespace}", Exit.USAGE)
    return str(named or session.namespace)


def _body(options: dict[str, Any]) -> Object:
    if options["filename"]:
        if options["command"] or options["pool"] or options["image"]:
            raise click.UsageError("give either a file or a pool with a command, not both")
        return _of_file(options["filename"], options["name_"])
    if not options["pool"] or not options["command"]:
        raise click.UsageError("give a file with -f, or a pool with --pool and a command after --")
    return of_command(
        options["pool"], options["command"], image=options["image"], name=options["name_"], env=options["env"]
    )


def of_command(
    pool: str, command: tuple[str, ...], *, image: str | None, name: str | None, env: tuple[str, ...] = ()
) -> Object:
    """A job of one task that ends with it."""
    task: Object = {"id": TASK, "commandLine": shlex.join(command)}
    if image:
        task["containerSettings"] = {"imageName": image}
    if env:
        task["environmentSettings"] = [_variable(each) for each in env]
    return {
        "apiVersion": API_VERSION,
        "kind": "BatchJob",
        "metadata": {"name": name} if name else {"generateName": "run-"},
        "spec": {"poolInfo": {"poolId": pool}, "onAllTasksComplete": "terminatejob", "tasks": [task]},
    }


def _variable(text: str) -> Object:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise click.UsageError(f"--env {text!r} is not NAME=VALUE")
    return {"name": key, "value": value}


def _of_file(filename: str, name: str | None) -> Object:
    import yaml  # noqa: PLC0415

    try:
        text = sys.stdin.read() if filename == "-" else Path(filename).read_text(encoding="utf-8")
        documents = [each for each in yaml.safe_load_all(text) if each]
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise Problem(f"cannot read {filename}: {error}") from error
    found = [each for each in documents if isinstance(each, dict) and each.get("kind") == "BatchJob"]
    if len(found) != 1 or len(documents) != 1:
        kinds = ", ".join(str(each.get("kind")) if isinstance(each, dict) else "no object" for each in documents)
        raise Problem(
            f"{filename} holds {kinds or 'nothing'}; one BatchJob is wanted", hint="`kubectl apply` takes all kinds"
        )
    if name:
        found[0].setdefault("metadata", {})["name"] = name
    return dict(found[0])
