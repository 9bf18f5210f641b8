"""What commands print alike: lists, and what was changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import click

from batchyard.cli.access.cluster import Object
from batchyard.cli.session import Session
from batchyard.cli.show.objects import reference
from batchyard.cli.show.table import document
from batchyard.cli.show.times import Moment


class Listed(Protocol):
    def __call__(self, found: Sequence[Object], now: Moment, /, *, wide: bool = False) -> str: ...


def print_list(session: Session, things: str, found: Sequence[Object], output: str | None, listed: Listed) -> None:
    """Nothing found is told on standard error, so that a script reads an empty list."""
    if output not in (None, "wide"):
        click.echo(document(found, output or "", single=False), nl=bool(found) or output != "name")
    elif found:
        click.echo(listed(found, session.now(), wide=output == "wide"))
    else:
        click.echo(f"no {things} in namespace {session.namespace}", err=True)


def changed(found: Object, word: str, output: str | None) -> None:
    """As kubectl tells of a change, or the object as it is now."""
    click.echo(document([found], output, single=True) if output else f"{reference(found)} {word}")
