"""What all lists have in common: -o, -l, --all-namespaces, and --watch, which goes on with a row for each change."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from batchyard.cli.access.cluster import Object
from batchyard.cli.following import changes
from batchyard.cli.session import Session, output_option
from batchyard.cli.show.objects import reference
from batchyard.cli.show.table import NAMESPACE, Column, Growing, document
from batchyard.kube.kinds import Kind, Scope

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the options say about a list."""

    output: str | None
    watch: bool
    everywhere: bool
    labels: str

    @property
    def as_table(self) -> bool:
        return self.output in (None, "wide")


@dataclass(frozen=True, slots=True)
class List:
    """Which objects, in which columns."""

    things: str
    kind: Kind
    columns: Sequence[Column]
    selector: str = ""
    order: Callable[[Object], Any] | None = None
    wanted: Callable[[Object], bool] = lambda _: True
    """What no selector of the server can say."""
    explain: Callable[[], object] = lambda: None
    """Called when nothing is found; it may know that something else is missing, and raise."""

    def chosen(self, found: Sequence[Object]) -> list[Object]:
        wanted = [each for each in found if self.wanted(each)]
        return wanted if self.order is None else sorted(wanted, key=self.order)


def list_options(function: Callable[..., R]) -> Callable[..., R]:
    """Gives a command `shown`."""

    @output_option()
    @click.option("-w", "--watch", is_flag=True, help="Go on with a row for each change, until Ctrl-C.")
    @click.option("-A", "--all-namespaces", is_flag=True, help="Those of all namespaces.")
    @click.option("-l", "--selector", default="", metavar="LABELS", help="Only those with such labels, for example team=film,stage!=test.")  # fmt: skip
    @functools.wraps(function)
    def run(*args: Any, output: str | None, watch: bool, all_namespaces: bool, selector: str, **given: Any) -> R:
        return function(*args, shown=Shown(output, watch, all_namespaces, selector), **given)

    return run


def print_list(session: Session, shown: Shown, of: List) -> None:
    """Nothing found is told on standard error, so that a script reads an empty list."""
    namespace = None if shown.everywhere else session.namespace
    scope, rows = Scope(of.kind, namespace, shown.labels, of.selector), _Rows(session, shown, of)
    if shown.watch:
        _go_on(session, scope, of, rows)
        return
    found = of.chosen(session.cluster.list(scope))
    if not found:
        of.explain()
    if not shown.as_table:
        click.echo(document(found, shown.output or "", single=False), nl=bool(found) or shown.output != "name")
    elif found:
        rows.print(found)
    else:
        click.echo(f"no {of.things} in {f'namespace {namespace}' if namespace else 'any namespace'}", err=True)


def _go_on(session: Session, scope: Scope, of: List, rows: _Rows) -> None:
    for came, went in changes(session, scope):
        for each in went:
            click.echo(f"{reference(each)} is gone from the list", err=True)
        if chosen := of.chosen(came):
            rows.print(chosen)


class _Rows:
    def __init__(self, session: Session, shown: Shown, of: List) -> None:
        self._now, self._shown = session.now, shown
        self._table = Growing((NAMESPACE, *of.columns) if shown.everywhere else of.columns, wide=shown.output == "wide")

    def print(self, found: Sequence[Object]) -> None:
        if self._shown.as_table:
            click.echo(self._table.text(found, self._now()))
            return
        for each in found:
            text = document([each], self._shown.output or "", single=True)
            click.echo(f"---\n{text}" if self._shown.output == "yaml" else text)
