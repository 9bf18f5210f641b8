"""What every part of a pass asks about the pool, found once. Answers questions, plans nothing."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from batchyard.api import names
from batchyard.api.pool import Pool
from batchyard.api.states import NodeState
from batchyard.core.load import Load, together
from batchyard.core.pools.boots import with_boots
from batchyard.core.pools.fleet import Fleet, fleet, free_slots
from batchyard.core.pools.lost import without_lost
from batchyard.core.pools.shrinking import too_many, with_surplus
from batchyard.core.snapshot import Snapshot
from batchyard.core.tasks import evictions
from batchyard.core.tasks.evictions import Fate


@dataclass(frozen=True, slots=True)
class PoolView:
    s: Snapshot
    nodes: Fleet
    load: Mapping[str, Load]
    free: Mapping[str, int]
    """Free slots of each node that serves."""
    busy: AbstractSet[str] = frozenset()
    """Nodes on which a task or a release may still run."""
    fates: Mapping[str, Fate] = field(default_factory=dict)
    """What becomes of running tasks, where they may not go on."""

    @property
    def open(self) -> Pool | None:
        """The pool, if it is there, stays, is the only one of its id, and is ours to clean up after: only then do tasks start in it."""
        pool = self.s.pool
        if pool is None or pool.metadata.deleting or names.FINALIZER not in pool.metadata.finalizers:
            return None
        return None if self.s.clashes_with else pool

    def fate_on(self, node: str) -> Fate | None:
        """What becomes of tasks that run on a node; None while they may go on."""
        return self.fates.get(node) if node in self.nodes else evictions.of_pool(self.s.pool)

    @property
    def fated(self) -> bool:
        """Whether that is anything anywhere."""
        return bool(self.fates) or evictions.of_pool(self.s.pool) is not None

    def left(self, node: str) -> bool:
        """Jobs have lost a node that is there: it leaves the pool or is wiped, and nothing of theirs runs there any more.

        They owe it no release (Azure 3.8.4); their records of it are closed.
        """
        if node not in self.s.nodes or node in self.busy or self.s.pool is None:
            return False
        found = self.nodes.get(node)
        return (
            found is None or found.member.metadata.deleting or (found.resetting and found.asked is NodeState.REIMAGING)
        )


def look_at(s: Snapshot) -> PoolView:
    s = without_lost(with_boots(s))
    nodes, load = fleet(s), together(view.task_pods.load for view in s.jobs)
    if s.pool is not None and too_many(nodes, s.pool):
        nodes = with_surplus(nodes, s.pool, load, s.occupied)
    free = free_slots(nodes, load, s.pool.spec.task_slots_per_node) if s.pool is not None else {}
    releasing = {pod.node for view in s.jobs for pod in view.release_pods.values() if not pod.ended}
    return PoolView(s, nodes, load, free, load.keys() | releasing, s.memory.ask(evictions.of_fleet, nodes))
