"""`batchyard ui`: the page in a browser on this machine, for as long as the command runs."""

from __future__ import annotations

import contextlib
import secrets

import click

from batchyard.cli.outcome import Problem
from batchyard.cli.session import Wish, place_options, session_of, whole_wish


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="A free one by default.")
@click.option("--no-open", is_flag=True, help="Only print the address.")
@place_options
@click.pass_context
def ui(
    click_context: click.Context,
    port: int,
    no_open: bool,
    namespace: str | None,
    context: str | None,
    kubeconfig: str | None,
) -> None:
    """Show pools, jobs and their nodes in a web page, with your own rights, until Ctrl-C. It only reads, and only this machine is served."""
    from batchyard.cli.web.answers import Answers  # noqa: PLC0415 - help needs none of it
    from batchyard.cli.web.recent import Recent  # noqa: PLC0415
    from batchyard.cli.web.server import Server  # noqa: PLC0415

    wish = whole_wish(click_context, Wish(namespace, context, kubeconfig))
    session = session_of(click_context, wish)
    recent = Recent(session.cluster, lambda: session_of(click_context, wish).cluster)
    try:
        server = Server(port, secrets.token_urlsafe(32), Answers(session, recent, wish.words))
    except OSError as error:
        raise Problem(f"cannot listen on 127.0.0.1:{port}: {error.strerror}", hint="choose another --port") from error
    click.echo(f"{server.address}\nwhoever has this address sees what you may see; Ctrl-C ends it")
    if not no_open:
        click.launch(server.invitation())
    with server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
