"""Which Nodes of the cluster a pool takes and which it gives back (Azure sections 1.2 and 1.5). Their status is node_status's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from batchyard.api import names
from batchyard.api.pool import Pool, Toleration
from batchyard.api.states import NodeDeallocationOption
from batchyard.core.actions import Action, Create, Delete, Manifest, close, ref
from batchyard.core.facts import NodeFacts
from batchyard.core.load import Load
from batchyard.core.pods.parts import owned_by
from batchyard.core.pools.fleet import Fleet
from batchyard.core.pools.shrinking import target
from batchyard.core.snapshot import Snapshot


def matches(s: Snapshot, pool: Pool) -> Mapping[bool, list[NodeFacts]]:
    """Nodes that the pool's selectors choose and that can take work now, by name, those dedicated and those not."""
    return s.memory.ask(matching, s.memory.settle(Pool.specified, pool), s.nodes)


def matching(pool: Pool, nodes: Mapping[str, NodeFacts]) -> Mapping[bool, list[NodeFacts]]:
    usable = [n for n in nodes.values() if n.ready and n.schedulable and not n.deleting and tolerates(pool, n)]
    usable.sort(key=lambda n: n.name)
    return {kind: [n for n in usable if is_dedicated(pool, n) is kind] for kind in (True, False)}


def tolerates(pool: Pool, node: NodeFacts) -> bool:
    """Else no Pod of the pool could ever run there."""
    return all(any(_covers(each, *taint) for each in pool.spec.tolerations) for taint in node.taints)


def _covers(toleration: Toleration, key: str, value: str, effect: str) -> bool:
    same = toleration.operator == "Exists" or toleration.value == value
    return toleration.key in ("", key) and same and toleration.effect in ("", effect)


def is_dedicated(pool: Pool, node: NodeFacts) -> bool | None:
    """None for a Node that is not the pool's; one that both selectors choose is low-priority, so it counts once."""
    low, dedicated = pool.spec.low_priority_node_selector, pool.spec.node_selector
    if low and low.items() <= node.labels.items():
        return False
    return True if dedicated.items() <= node.labels.items() else None


def plan_members(s: Snapshot, pool: Pool, nodes: Fleet, load: Mapping[str, Load]) -> Iterator[Action]:
    """Fills up to the targets, lets surplus nodes go, closes those whose machine has gone."""
    for name, node in nodes.lost.items():
        if name not in s.pods and name not in load:  # else they start on a machine that comes in its place
            yield from close(node.member)
    for node in nodes.replaced.values():
        yield Delete(ref(node.member))
    for dedicated in (True, False):
        missing = target(pool, dedicated=dedicated) - len(nodes.of_kind(dedicated=dedicated))
        if missing > 0:
            fresh = (found for found in matches(s, pool)[dedicated] if found.name not in nodes)
            for found in islice(fresh, missing):
                yield Create("BatchNode", _manifest(pool, found, dedicated=dedicated), pool.uid)
    waits = pool.spec.node_deallocation_option is NodeDeallocationOption.TASK_COMPLETION
    for name, node in nodes.surplus.items():
        if not (waits and name in load):
            yield Delete(ref(node.member))


def _manifest(pool: Pool, node: NodeFacts, *, dedicated: bool) -> Manifest:
    return {
        "apiVersion": names.API_VERSION,
        "kind": "BatchNode",
        "metadata": {
            "name": names.batch_node(pool.name, node.name),
            "namespace": pool.namespace,
            "labels": {names.LABEL_MANAGED_BY: names.MANAGED_BY, names.LABEL_POOL: pool.name},
            "finalizers": [names.FINALIZER],
            "ownerReferences": owned_by("BatchPool", pool.name, pool.uid),
        },
        "spec": {"poolId": pool.name, "nodeId": node.name, "nodeUID": node.uid, "isDedicated": dedicated},
    }
