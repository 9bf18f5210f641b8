"""`batchyard version`."""

from __future__ import annotations

import click

from batchyard.cli.reading import Reading
from batchyard.cli.session import Session, output_option, with_session
from batchyard.cli.show.table import written
from batchyard.cli.show.versions import text
from batchyard.cli.versions import operators, versions


@click.command()
@output_option("json", "yaml")
@with_session
def version(session: Session, output: str | None) -> None:
    """Show the versions of the command line, Kubernetes, the operator and the definitions.

    What you may not read is unknown. `batchyard --version` asks no cluster.
    """
    reading = Reading()
    found = versions(session.cluster, operators(session.cluster, reading), reading)
    whole = {**found, "unread": reading.told}
    click.echo(written(whole, output) if output else text(whole))
