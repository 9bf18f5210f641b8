"""Shows progress while it happens: a line that rewrites itself on a terminal, plain lines elsewhere. Rich is imported here and in screen.py alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from batchyard.cli.session import Session
from batchyard.cli.show import progress
from batchyard.cli.show.objects import Object

Show = Callable[[Object], None]


@contextmanager
def shown(session: Session) -> Iterator[Show]:
    """Progress goes to standard error: standard output is for what a script may want."""
    if session.terminal:
        with _rewritten(session) as show:
            yield show
    else:
        yield _printed()


def _printed() -> Show:
    said: list[str] = ["", ""]

    def show(job: Object) -> None:
        for place, text in enumerate((progress.line(job), progress.hint(job))):
            if text and text != said[place]:
                click.echo(text, err=True)
                said[place] = text

    return show


@contextmanager
def _rewritten(session: Session) -> Iterator[Show]:
    from rich.console import Console, Group  # noqa: PLC0415 - scripts need none of it
    from rich.live import Live  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    start, seen = session.now(), list[Object]()

    def picture() -> Group:
        if not seen:
            return Group()
        seconds = (session.now() - start).total_seconds()
        hint = progress.hint(seen[-1])
        return Group(Text(progress.bar(seen[-1], seconds)), *([Text(hint, style="dim")] if hint else []))

    with Live(get_renderable=picture, console=Console(stderr=True), refresh_per_second=4) as live:

        def show(job: Object) -> None:
            seen[:] = [job]
            live.refresh()

        yield show
