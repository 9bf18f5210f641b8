"""How a pool goes, or a node leaves it: jobs off first, then its Pods, then its root wiped, then our finalizers (Azure 1.2)."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from batchyard.api.pool import Pool
from batchyard.core.actions import Action, Create, Delete, close, let_go, ref
from batchyard.core.facts import PodFacts
from batchyard.core.pods.wipe import pool_wipe_pod, wipe_name
from batchyard.core.pods.wiping import step
from batchyard.core.pools.fleet import Fleet
from batchyard.core.pools.pool_node import PoolNode
from batchyard.core.pools.resets import round_of
from batchyard.core.snapshot import Snapshot


def plan_deleting(s: Snapshot, pool: Pool, nodes: Fleet) -> Iterator[Action]:
    """The pool is being deleted and no job has anything on it any more: everything of it goes."""
    if s.occupied:
        return
    if s.daemon_sets:
        yield from (Delete(found.ref) for found in s.daemon_sets.values() if not found.deleting)
        return
    if s.pods:
        return
    for node in nodes.values():
        yield from _leave(s, node, pool.uid)
    if not s.members and not s.wipe_pods:
        yield from let_go(ref(pool), pool.metadata.finalizers)


def plan_leaving(s: Snapshot, pool: Pool, nodes: Fleet, busy: AbstractSet[str]) -> Iterator[Action]:
    """Nodes that leave a pool that stays: each once its Pod of the pool is gone and it is wiped of every job."""
    occupied = s.occupied if nodes.deleting else set()
    for name, node in nodes.deleting.items():
        used = name in s.pods or name in busy or name in occupied
        if not node.lost and not used:
            yield from _leave(s, node, pool.uid)


def plan_tidy_wipe_pods(s: Snapshot, nodes: Fleet) -> Iterator[Action]:
    """Wipe Pods that have served, or are of a request that is over."""
    for name, pod in s.wipe_pods.items():
        if pod.deleting_since is None and not _wanted(nodes.get(name), pod):
            yield Delete(pod.ref)


def _wanted(node: PoolNode | None, pod: PodFacts) -> bool:
    if node is None:
        return False
    leaves = node.member.metadata.deleting or node.pool.metadata.deleting
    return (leaves or node.resetting) and pod.ref.name == wipe_name(node.member, "" if leaves else round_of(node))


def _leave(s: Snapshot, node: PoolNode, pool_uid: str) -> Iterator[Action]:
    member = node.member
    pod = s.wipe_pods.get(member.spec.node_id)
    if node.lost:
        yield from close(member)
    else:
        make = Create("Pod", pool_wipe_pod(member, pool_uid, s.rules), "")
        yield from step(ref(member), pod, make, close(member), now=s.now)
