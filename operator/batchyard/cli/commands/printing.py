"""What commands print alike that change something."""

from __future__ import annotations

import click

from batchyard.cli.access.cluster import Object
from batchyard.cli.show.objects import reference
from batchyard.cli.show.table import document


def changed(found: Object, word: str, output: str | None) -> None:
    """As kubectl tells of a change, or the object as it is now."""
    click.echo(document([found], output, single=True) if output else f"{reference(found)} {word}")
