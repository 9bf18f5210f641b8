"""What every part of a pass asks about the pool, found once. Answers questions, plans nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from batchyard.api import names
from batchyard.api.pool import Pool
from batchyard.core import evictions
from batchyard.core.evictions import Fate
from batchyard.core.fleet import Fleet, Load, fleet, free_slots, loads
from batchyard.core.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class PoolView:
    s: Snapshot
    nodes: Fleet
    load: Mapping[str, Load]
    free: Mapping[str, int]
    """Free slots of each node that serves."""

    @property
    def open(self) -> Pool | None:
        """The pool, if it is there, stays, and is ours to clean up after: only then do tasks start in it."""
        pool = self.s.pool
        if pool is None or pool.metadata.deleting or names.FINALIZER not in pool.metadata.finalizers:
            return None
        return pool

    def fate_on(self, node: str) -> Fate | None:
        """What becomes of tasks that run on a node; None while they may go on."""
        found = self.nodes.get(node)
        return evictions.of_node(found) if found is not None else evictions.of_pool(self.s.pool)


def look_at(s: Snapshot) -> PoolView:
    nodes, load = fleet(s), loads(s.jobs)
    return PoolView(s, nodes, load, free_slots(nodes, load, s.pool.spec.task_slots_per_node) if s.pool else {})
