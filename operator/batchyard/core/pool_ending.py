"""How a pool goes, or a node leaves it: jobs off first, then its Pods, then its root wiped, then our finalizers (Azure 1.2)."""

from __future__ import annotations

from collections.abc import Iterator

from batchyard.api import names
from batchyard.api.node import Node
from batchyard.api.pool import Pool
from batchyard.core.actions import Action, Create, Delete, Ref, patch_finalizers
from batchyard.core.membership import lost
from batchyard.core.membership import ref as member_ref
from batchyard.core.pods.wipe import pool_wipe_pod
from batchyard.core.snapshot import Snapshot


def ref(pool: Pool) -> Ref:
    meta = pool.metadata
    return Ref("BatchPool", meta.namespace, meta.name, meta.uid, meta.resource_version)


def plan_deleting(s: Snapshot, pool: Pool) -> Iterator[Action]:
    """The pool is being deleted and no job has a record on it any more: everything of it goes."""
    if any(view.nodes for view in s.jobs):
        return
    if s.daemon_set is not None:
        if not s.daemon_set.deleting:
            yield Delete(s.daemon_set.ref)
        return
    if s.pods:
        return
    for member in s.members.values():
        yield from _leave(s, member, pool.uid)
    left = [f for f in pool.metadata.finalizers if f != names.FINALIZER]
    if not s.members and not s.wipe_pods and len(left) < len(pool.metadata.finalizers):
        yield patch_finalizers(ref(pool), left)


def plan_leaving(s: Snapshot, pool: Pool) -> Iterator[Action]:
    """Nodes that leave a pool that stays: each once its Pod of the pool and all records of jobs on it are gone."""
    for name, member in s.members.items():
        used = name in s.pods or any(name in view.nodes for view in s.jobs)
        if member.metadata.deleting and not used:
            yield from _leave(s, member, pool.uid)
    yield from tidy_wipe_pods(s)


def tidy_wipe_pods(s: Snapshot) -> Iterator[Action]:
    for name, pod in s.wipe_pods.items():
        if name not in s.members and pod.deleting_since is None:
            yield Delete(pod.ref)


def _leave(s: Snapshot, member: Node, pool_uid: str) -> Iterator[Action]:
    pod = s.wipe_pods.get(member.spec.node_id)
    if lost(member, s.nodes) or (pod is not None and pod.phase == "Succeeded"):
        left = [f for f in member.metadata.finalizers if f != names.FINALIZER]
        if len(left) < len(member.metadata.finalizers):
            yield patch_finalizers(member_ref(member), left)
        elif not member.metadata.deleting:
            yield Delete(member_ref(member))
    elif pod is None:
        yield Create("Pod", pool_wipe_pod(member, pool_uid, s.rules), "")
    elif pod.phase == "Failed" and pod.deleting_since is None:
        yield Delete(pod.ref)
