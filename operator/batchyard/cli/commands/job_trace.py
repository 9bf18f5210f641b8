"""`batchyard job trace JOB`: what a job did when, for programs that show traces."""

from __future__ import annotations

import os

import click

from batchyard.cli.naming import complete_job, records_of, tasks_of
from batchyard.cli.session import Session, with_session
from batchyard.kube.kinds import BATCH_JOB


@click.command()
@click.argument("job_name", metavar="JOB", shell_complete=complete_job)
@click.option("--format", "form", type=click.Choice(["otlp", "chrome"]), default="otlp", show_default=True, help="OpenTelemetry's JSON, or Chrome's trace events.")  # fmt: skip
@click.option("--endpoint", metavar="URL", help="Send it to this collector (OTLP/HTTP, URL/v1/traces) instead of printing it.")  # fmt: skip
@with_session
def trace(session: Session, job_name: str, form: str, endpoint: str | None) -> None:
    """Print a job as a trace: its waiting, preparation, tasks and release, from what their statuses say."""
    if endpoint and form != "otlp":
        raise click.UsageError("--endpoint takes --format otlp only")
    from batchyard.cli.show import trace as told  # noqa: PLC0415 - other commands need none of it
    from batchyard.cli.show import trace_forms  # noqa: PLC0415

    job = session.cluster.get(BATCH_JOB, session.namespace, job_name)
    found = told.trace(job, records_of(session, job_name), tasks_of(session, job_name), session.now())
    text = trace_forms.chrome(found) if form == "chrome" else trace_forms.otlp(found)
    if endpoint is None:
        click.echo(text)
        return
    from batchyard.cli.access.collector import post  # noqa: PLC0415

    url = post(endpoint, text, os.environ)
    click.echo(f"trace {found.id}: {len(found.spans)} spans sent to {url}")
