"""Which nodes go when a pool has more than it wants: those that cost least. Says which, plans nothing.

Order: fewest running tasks, then nodes that do not serve, then those on which no job has left anything, then the last by name. With
`taskcompletion` the answer may change from pass to pass until a node is idle; its tasks only ever get fewer, so one will be.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from batchyard.api.pool import Pool
from batchyard.core.load import IDLE, Load
from batchyard.core.pools.fleet import Fleet
from batchyard.core.pools.pool_node import PoolNode


def target(pool: Pool, *, dedicated: bool) -> int:
    """A pool that is being deleted wants none."""
    if pool.metadata.deleting:
        return 0
    return pool.spec.target_dedicated_nodes if dedicated else pool.spec.target_low_priority_nodes


def too_many(nodes: Fleet, pool: Pool) -> bool:
    return any(_excess(nodes, pool, dedicated=kind) > 0 for kind in (True, False))


def _excess(nodes: Fleet, pool: Pool, *, dedicated: bool) -> int:
    return len(nodes.of_kind(dedicated=dedicated)) - target(pool, dedicated=dedicated)


def with_surplus(nodes: Fleet, pool: Pool, load: Mapping[str, Load], used: Collection[str]) -> Fleet:
    """The nodes with those marked that are to go; `used` are those on which something of a job is left."""
    gone = {name for kind in (True, False) for name in _surplus(nodes, pool, load, used, dedicated=kind)}
    return Fleet({name: replace(node, surplus=True) if name in gone else node for name, node in nodes.items()})


def _surplus(
    nodes: Fleet, pool: Pool, load: Mapping[str, Load], used: Collection[str], *, dedicated: bool
) -> list[str]:
    def cost(name: str) -> tuple[int, bool, bool]:
        node: PoolNode = nodes[name]
        return load.get(name, IDLE).tasks, node.serves, name in used

    names, many = nodes.of_kind(dedicated=dedicated), _excess(nodes, pool, dedicated=dedicated)
    return sorted(sorted(names, reverse=True), key=cost)[:many] if many > 0 else []
