"""`batchyard pool ...`."""

from __future__ import annotations

import click

from batchyard.cli.commands.listing import List, Shown, list_options, print_list
from batchyard.cli.commands.printing import changed
from batchyard.cli.naming import complete_pool
from batchyard.cli.session import Session, output_option, with_session
from batchyard.cli.show import pools
from batchyard.kube.kinds import BATCH_POOL

COUNT = click.IntRange(0, 5000)


@click.group()
def pool() -> None:
    """List pools and resize them."""


@pool.command("list")
@list_options
@with_session
def list_(session: Session, shown: Shown) -> None:
    """List pools: how many nodes they have of those they want, and why some are missing."""
    print_list(session, shown, List("pools", BATCH_POOL, pools.COLUMNS))


@pool.command()
@click.argument("pool_name", metavar="POOL", shell_complete=complete_pool)
@click.option("--dedicated", type=COUNT, help="targetDedicatedNodes.")
@click.option("--low-priority", type=COUNT, help="targetLowPriorityNodes.")
@click.option(
    "--tasks",
    type=click.Choice(["requeue", "terminate", "taskcompletion"]),
    help="What happens to running tasks on nodes that leave; the pool's own setting by default.",
)
@output_option("name", "json", "yaml")
@with_session
def resize(
    session: Session,
    pool_name: str,
    dedicated: int | None,
    low_priority: int | None,
    tasks: str | None,
    output: str | None,
) -> None:
    """Set how many nodes a pool wants."""
    if dedicated is None and low_priority is None:
        raise click.UsageError("give --dedicated, --low-priority or both")
    wanted = {
        "targetDedicatedNodes": dedicated,
        "targetLowPriorityNodes": low_priority,
        "nodeDeallocationOption": tasks,
    }
    body = {"spec": {field: value for field, value in wanted.items() if value is not None}}
    changed(session.cluster.patch(BATCH_POOL, session.namespace, pool_name, body), "resizing", output)
