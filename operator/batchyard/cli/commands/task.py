"""`batchyard task ...`."""

from __future__ import annotations

from typing import Any

import click

from batchyard.cli.access.cluster import Object
from batchyard.cli.commands.listing import List, Shown, list_options, print_list
from batchyard.cli.commands.outputs import print_failed
from batchyard.cli.commands.printing import changed
from batchyard.cli.commands.task_output import STDERR, STDOUT, attempts, print_file, print_output
from batchyard.cli.commands.why import of_task, print_task
from batchyard.cli.naming import complete_job, complete_task, find_task, natural
from batchyard.cli.outcome import Exit, Problem
from batchyard.cli.session import Session, output_option, with_session
from batchyard.cli.show import ranges, tasks
from batchyard.cli.show.objects import at, name
from batchyard.cli.show.progress import has_failed, task_id
from batchyard.cli.show.table import document
from batchyard.kube.kinds import BATCH_JOB, BATCH_TASK

job_name = click.argument("job_name", metavar="JOB", shell_complete=complete_job)
task_name = click.argument("task_name", metavar="TASK", shell_complete=complete_task)


@click.group()
def task() -> None:
    """List tasks, read their output, say why one waits, run one again."""


@task.command("list")
@job_name
@click.option("--state", type=click.Choice(["active", "preparing", "running", "completed"]), help="Only in this state.")
@click.option("--node", help="Only tasks that run or ran on this node.")
@click.option("--failed", is_flag=True, help="Only tasks that failed.")
@list_options
@with_session
def list_(session: Session, job_name: str, state: str | None, node: str | None, failed: bool, shown: Shown) -> None:
    """List a job's tasks: where they run and how they ended."""
    selected = [f"spec.jobId={job_name}", *([f"status.nodeInfo.nodeId={node}"] if node else [])]
    if state and state != "active":  # what waits may have no state yet, and no selector finds both
        selected.append(f"status.state={state}")

    def wanted(each: Object) -> bool:
        return state in (None, tasks.state(each)) and (has_failed(each) or not failed)

    def job() -> None:
        if not shown.everywhere:
            session.cluster.get(BATCH_JOB, session.namespace, job_name)  # says so if there is no such job

    of = List("such tasks", BATCH_TASK, tasks.COLUMNS, ",".join(selected), natural, wanted, explain=job)
    print_list(session, shown, of)


@task.command()
@job_name
@click.argument("task_name", metavar="[TASK]", required=False, shell_complete=complete_task)
@click.option("--failed", is_flag=True, help="Of all tasks that failed, one after the other, instead of TASK.")
@click.option("-f", "--follow", "follow_", is_flag=True, help="Go on until the task ends; wait for its start.")
@click.option("--tail", type=click.IntRange(min=0), help="Only so many lines from the end.")
@click.option("--stdout", "file", flag_value=STDOUT, help="Only standard output, from its file on the node.")
@click.option("--stderr", "file", flag_value=STDERR, help="Only standard error, from its file on the node.")
@with_session
def logs(session: Session, /, **options: Any) -> int:
    """Print what a task wrote, also after its Pod is gone."""
    job_name, task_name, file = options["job_name"], options["task_name"], options["file"]
    if bool(task_name) == options["failed"]:
        raise click.UsageError("name one task, or give --failed for all that failed")
    if file and options["follow_"]:
        raise click.UsageError("--follow shows both streams; leave out --stdout and --stderr")
    if options["failed"]:
        if options["follow_"]:
            raise click.UsageError("what has failed is over: leave out --follow")
        return print_failed(session, job_name, file=file, tail=options["tail"])
    found = find_task(session, job_name, task_name)
    if ranges.bounds(found) and ranges.index(found, task_name) is None:
        raise click.UsageError(f"{task_name} are many tasks; name one of {task_id(found)}, or give --failed")
    if file is None:
        print_output(session, found, task_name, follow_=options["follow_"], tail=options["tail"])
    else:
        print_file(session, found, file, task_name, tail=options["tail"])
    return Exit.OK


@task.command()
@job_name
@task_name
@output_option("json", "yaml", "name")
@with_session
def describe(session: Session, job_name: str, task_name: str, output: str | None) -> None:
    """Show a task in full: what it is to do, what it did, why it waits, and the events about it and its Pods."""
    from batchyard.cli.events import about  # noqa: PLC0415 - other commands need none of it
    from batchyard.cli.show.events import section  # noqa: PLC0415
    from batchyard.cli.show.task_description import described  # noqa: PLC0415

    found = find_task(session, job_name, task_name)
    if output:
        click.echo(document([found], output, single=True))
        return
    number = ranges.index(found, task_name)
    reason, stands = of_task(session, found, number)
    pods = session.cluster.list(attempts(session, found, number))
    told = section(about(session, found, *pods), session.now())
    text = described(found, session.now(), why=reason.line, queue=stands.place, start=stands.start, events=told)
    click.echo(text)


@task.command()
@job_name
@task_name
@output_option("json", "yaml")
@with_session
def why(session: Session, job_name: str, task_name: str, output: str | None) -> None:
    """Say why a task waits, or how it ended: one reason, numbers, the next step."""
    print_task(session, job_name, task_name, output)


@task.command()
@job_name
@task_name
@output_option("name", "json", "yaml")
@with_session
def reactivate(session: Session, job_name: str, task_name: str, output: str | None) -> None:
    """Run a failed task again, with its retries counted anew; of a range one, or all that have failed."""
    found = find_task(session, job_name, task_name)
    one = ranges.index(found, task_name)
    if refusal := tasks.no_reactivation(found, one):
        raise Problem(f"task {task_id(found) if one is None else one} {refusal}")
    spec: dict[str, object] = {"reactivations": int(at(found, "spec.reactivations", 0)) + 1}
    if ranges.bounds(found):
        spec["reactivatedIds"] = None if one is None else str(one)
    # The version, so that two people ask once.
    body = {"metadata": {"resourceVersion": at(found, "metadata.resourceVersion")}, "spec": spec}
    changed(session.cluster.patch(BATCH_TASK, session.namespace, name(found), body), "reactivated", output)
