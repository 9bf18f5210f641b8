"""`batchyard node ...`."""

from __future__ import annotations

import sys

import click

from batchyard.cli.commands.listing import List, Shown, list_options, print_list
from batchyard.cli.naming import complete_node, complete_pool, find_node
from batchyard.cli.node_files import Place, inside
from batchyard.cli.session import Session, output_option, with_session
from batchyard.cli.show import nodes
from batchyard.cli.show.objects import at
from batchyard.cli.show.table import written
from batchyard.kube.kinds import BATCH_NODE

node_name = click.argument("node_name", metavar="NODE", shell_complete=complete_node)
pool_option = click.option("--pool", shell_complete=complete_pool, help="Only this pool's.")


@click.group()
def node() -> None:
    """List a pool's nodes and read the files on them."""


@node.command("list")
@pool_option
@list_options
@with_session
def list_(session: Session, pool: str | None, shown: Shown) -> None:
    """List nodes: what they do and how many tasks they run."""
    selector = f"spec.poolId={pool}" if pool else ""
    print_list(session, shown, List("nodes of a pool", BATCH_NODE, nodes.COLUMNS, selector, order=nodes.place))


@node.command()
@node_name
@click.argument("path", default=".")
@pool_option
@click.option("-r", "--recursive", is_flag=True, help="What lies deeper, too.")
@output_option("name", "json", "yaml")
@with_session
def files(session: Session, node_name: str, path: str, pool: str | None, recursive: bool, output: str | None) -> None:
    """List a directory on a node; PATH is below AZ_BATCH_NODE_ROOT_DIR, for example workitems/JOB/job-1/TASK/wd."""
    text = _place(session, node_name, pool).listed(path, depth=64 if recursive else 1)
    found = nodes.entries(text)
    if output == "name":
        click.echo("\n".join(entry.path for entry in found), nl=bool(found))
    elif output:
        click.echo(written([nodes.wire(entry) for entry in found], output))
    elif found:
        click.echo(nodes.files(found))
    else:
        click.echo(f"{inside(path)} is empty", err=True)


@node.command()
@node_name
@click.argument("path")
@pool_option
@click.option("--tail", type=click.IntRange(min=0), help="Only so many lines from the end.")
@with_session
def cat(session: Session, node_name: str, path: str, pool: str | None, tail: int | None) -> None:
    """Print a file of a node; PATH is below AZ_BATCH_NODE_ROOT_DIR."""
    for chunk in _place(session, node_name, pool).read(path, tail=tail):
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()


def _place(session: Session, node_name: str, pool: str | None) -> Place:
    found = find_node(session, node_name, pool)
    return Place(session, str(at(found, "spec.poolId")), str(at(found, "spec.nodeId")))
