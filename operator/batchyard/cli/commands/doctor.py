"""`batchyard doctor`."""

from __future__ import annotations

import click

from batchyard.cli.checkup import checks
from batchyard.cli.outcome import Exit
from batchyard.cli.session import Session, output_option, with_session
from batchyard.cli.show.checkup import healthy, text, wire
from batchyard.cli.show.table import written


@click.command()
@output_option("json", "yaml")
@with_session
def doctor(session: Session, output: str | None) -> int:
    """Check the installation and this namespace: one line each, with the reason and the next step.

    What you may not read is unknown, which is no failure. The exit code is 12 when a check fails.
    """
    found = checks(session)
    click.echo(written(wire(found), output) if output else text(found))
    return Exit.OK if healthy(found) else Exit.UNHEALTHY
