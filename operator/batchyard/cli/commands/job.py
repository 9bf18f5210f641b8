"""`batchyard job ...`: look at jobs, and ask them to stop, pause, go on or go away. Running one is in job_run.py."""

from __future__ import annotations

import click

from batchyard.cli.access.cluster import Object
from batchyard.cli.commands.job_logs import logs
from batchyard.cli.commands.job_run import run, wait
from batchyard.cli.commands.job_trace import trace
from batchyard.cli.commands.listing import List, Shown, list_options, print_list
from batchyard.cli.commands.printing import changed
from batchyard.cli.following import follow
from batchyard.cli.naming import complete_job, complete_pool, records_of
from batchyard.cli.outcome import NotThere
from batchyard.cli.session import Seconds, Session, output_option, with_session
from batchyard.cli.show import jobs
from batchyard.cli.show.objects import at
from batchyard.cli.show.table import document
from batchyard.kube.kinds import BATCH_JOB

job_name = click.argument("job_name", metavar="JOB", shell_complete=complete_job)


@click.group()
def job() -> None:
    """Run, list, describe, wait for, stop and delete jobs."""


job.add_command(run)
job.add_command(wait)
job.add_command(logs)
job.add_command(trace)


@job.command("list")
@click.option("--pool", shell_complete=complete_pool, help="Only jobs of this pool.")
@click.option("--state", help="Only jobs in this state, for example active or completed.")
@list_options
@with_session
def list_(session: Session, pool: str | None, state: str | None, shown: Shown) -> None:
    """List jobs: how far they are and why they wait."""
    given = {"spec.poolInfo.poolId": pool, "status.state": state}
    selector = ",".join(f"{path}={value}" for path, value in given.items() if value)
    print_list(session, shown, List("jobs", BATCH_JOB, jobs.COLUMNS, selector))


@job.command()
@job_name
@output_option("json", "yaml", "name")
@with_session
def describe(session: Session, job_name: str, output: str | None) -> None:
    """Show a job's settings, counts, place in the queue, estimated start, conditions, what happened on each node, and its events."""
    found = session.cluster.get(BATCH_JOB, session.namespace, job_name)
    if output:
        click.echo(document([found], output, single=True))
        return
    records = records_of(session, job_name)
    from batchyard.cli.events import about  # noqa: PLC0415 - other commands need none of it
    from batchyard.cli.show.events import section  # noqa: PLC0415
    from batchyard.cli.standing import standing  # noqa: PLC0415

    told = section(about(session, found, *records), session.now())
    stands = standing(session, found)
    click.echo(jobs.described(found, records, session.now(), queue=stands.place, start=stands.start, events=told))


@job.command()
@job_name
@click.option("--reason", help="Why; kept in status.executionInfo.terminateReason.")
@output_option("name", "json", "yaml")
@with_session
def terminate(session: Session, job_name: str, reason: str | None, output: str | None) -> None:
    """End a job for good: running tasks are stopped, the release runs on its nodes. Its record stays."""
    spec = {"desiredState": "terminated", **({"terminateReason": reason} if reason else {})}
    changed(_patched(session, job_name, spec), "terminating", output)


@job.command()
@job_name
@click.option(
    "--tasks",
    type=click.Choice(["requeue", "terminate", "wait"]),
    default="requeue",
    show_default=True,
    help="What happens to running tasks.",
)
@output_option("name", "json", "yaml")
@with_session
def disable(session: Session, job_name: str, tasks: str, output: str | None) -> None:
    """Pause a job: no more tasks are started until it is enabled."""
    changed(_patched(session, job_name, {"desiredState": "disabled", "disableTasks": tasks}), "disabling", output)


@job.command()
@job_name
@output_option("name", "json", "yaml")
@with_session
def enable(session: Session, job_name: str, output: str | None) -> None:
    """Let a disabled job go on, also one that the end of a task disabled."""
    found = session.cluster.get(BATCH_JOB, session.namespace, job_name)
    if at(found, "status.disabledByTask") and at(found, "spec.desiredState") == "active":
        _patched(session, job_name, {"desiredState": "disabled"})
        _await_seen(session, job_name)
    changed(_patched(session, job_name, {"desiredState": "active"}), "enabled", output)


@job.command()
@job_name
@click.option("--wait", "wait_", is_flag=True, help="Return when it is gone, its directories on the nodes included.")
@click.option("--timeout", type=Seconds(), help="With --wait: seconds to wait at most.")
@with_session
def delete(session: Session, job_name: str, wait_: bool, timeout: float | None) -> None:
    """Delete a job: it is ended, released, and its directories are removed from the nodes."""
    session.cluster.delete(BATCH_JOB, session.namespace, job_name)
    click.echo(f"batchjob.batchyard.io/{job_name} {'deleting' if wait_ else 'deleted'}")
    if wait_:
        try:
            for _ in follow(session, BATCH_JOB, session.namespace, job_name, timeout=timeout):
                pass
        except NotThere:
            click.echo(f"batchjob.batchyard.io/{job_name} is gone")


def _patched(session: Session, job_name: str, spec: Object) -> Object:
    return session.cluster.patch(BATCH_JOB, session.namespace, job_name, {"spec": spec})


def _await_seen(session: Session, job_name: str) -> None:
    for found in follow(session, BATCH_JOB, session.namespace, job_name, timeout=60):
        if at(found, "status.observedGeneration", -1) >= at(found, "metadata.generation", 0):
            return
