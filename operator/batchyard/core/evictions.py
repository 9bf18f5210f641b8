"""What becomes of running tasks whose node or job a user takes away (Azure: deallocation, disable and reboot options). Plans nothing."""

from __future__ import annotations

from enum import Enum, auto

from batchyard.api.pool import Pool
from batchyard.core.fleet import PoolNode


class Fate(Enum):
    """How an attempt ends that is taken away at a user's wish."""

    REQUEUE = auto()
    """Back to the queue, requeueCount + 1."""
    TERMINATE = auto()
    """Completed for good, failureInfo code TaskEnded; nothing is tried again."""


def of_node(node: PoolNode) -> Fate | None:
    """The fate of tasks that run on a node of the pool; None while they may go on."""
    return of_pool(node.pool)


def of_pool(pool: Pool | None) -> Fate | None:
    """A pool that goes puts its tasks back: jobs wait for a pool of its name (Azure 1.2)."""
    return Fate.REQUEUE if pool is None or pool.metadata.deleting else None
