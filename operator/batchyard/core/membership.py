"""Which Nodes of the cluster a pool takes and which it gives back (Azure sections 1.2 and 1.5). Their status is node_status's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from batchyard.api import names
from batchyard.api.pool import Pool
from batchyard.core.actions import Action, Create, Delete, Manifest, dismiss, ref
from batchyard.core.facts import NodeFacts
from batchyard.core.fleet import Fleet
from batchyard.core.pods.parts import owned_by
from batchyard.core.snapshot import Snapshot


def matching(pool: Pool, nodes: Mapping[str, NodeFacts]) -> list[NodeFacts]:
    """Nodes that the pool's selector chooses and that can take work now, by name."""
    selector = pool.spec.node_selector.items()
    usable = (n for n in nodes.values() if n.ready and n.schedulable and not n.deleting)
    return sorted((n for n in usable if selector <= n.labels.items()), key=lambda n: n.name)


def plan_members(s: Snapshot, pool: Pool, nodes: Fleet, used: Collection[str]) -> Iterator[Action]:
    """Fills up to the target, lets surplus nodes go that are not in use, closes those whose machine has gone."""
    for node in nodes.values():
        if node.lost:  # a machine that is gone needs no cleaning; one that only leaves the pool is wiped first
            meta = node.member.metadata
            yield from dismiss(ref(node.member), meta.finalizers, deleting=meta.deleting)
    present = [name for name, node in nodes.items() if node.present]
    missing = pool.spec.target_dedicated_nodes - len(present)
    fresh = [found for found in matching(pool, s.nodes) if found.name not in nodes]
    for found in fresh[: max(missing, 0)]:
        yield Create("BatchNode", _manifest(pool, found), pool.uid)
    idle = sorted((name for name in present if name not in used), reverse=True)
    for name in idle[: max(-missing, 0)]:
        yield Delete(ref(nodes[name].member))


def _manifest(pool: Pool, node: NodeFacts) -> Manifest:
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
        "spec": {"poolId": pool.name, "nodeId": node.name, "nodeUID": node.uid},
    }
