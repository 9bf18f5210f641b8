"""`batchyard top`."""

from __future__ import annotations

import os
import sys

import click

from batchyard.cli.session import Session, with_session
from batchyard.cli.show.picture import text
from batchyard.cli.show.top import View, frame
from batchyard.kube.kinds import BATCH_JOB, BATCH_NODE, BATCH_POOL, Scope

WIDTH = 120
"""Of a picture that no terminal shows."""


@click.command()
@click.option("--once", is_flag=True, help="Print one picture and end; so it is wherever no terminal shows it.")
@click.option("-A", "--all-namespaces", is_flag=True, help="Those of all namespaces.")
@with_session
def top(session: Session, *, once: bool, all_namespaces: bool) -> None:
    """Show pools, their nodes and jobs on the whole terminal, until Ctrl-C.

    Each node is a letter: capitals for trouble, small letters for what is under way, a dot for idle.
    """
    namespace = None if all_namespaces else session.namespace
    scopes = [Scope(kind, namespace) for kind in (BATCH_POOL, BATCH_NODE, BATCH_JOB)]
    terminal = sys.stdout.isatty()
    if once or not terminal or os.environ.get("TERM") == "dumb":
        view = View(namespace, *map(session.cluster.list, scopes))
        width = os.get_terminal_size(sys.stdout.fileno()).columns if terminal else WIDTH
        click.echo(text(frame(view, session.now(), width)))
        return
    from batchyard.cli.screen import shown  # noqa: PLC0415 - one picture needs no threads
    from batchyard.cli.together import together  # noqa: PLC0415

    shown((View(namespace, *seen.objects, silence=seen.silence) for seen in together(session, scopes)), session.now)
