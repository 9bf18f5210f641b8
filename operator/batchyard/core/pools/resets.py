"""A reboot or reimage that a user asks of a node: the pool's Pod there goes and comes again, and what is on the node is wiped between.

The machine is left alone. A reboot wipes the marks of this boot, so that preparations run again; a reimage the pool's whole root.
The word `rebooting` or `reimaging` in the status is the mark that it has begun; the wipe Pod's success the mark that it is halfway.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from batchyard.api.states import NodeState
from batchyard.core.actions import Action, Create, patch_status, ref
from batchyard.core.facts import PodFacts
from batchyard.core.pods.wipe import boot_wipe_pod, pool_wipe_pod, wipe_name
from batchyard.core.pods.wiping import step
from batchyard.core.pools.fleet import Fleet
from batchyard.core.pools.pool_node import PoolNode
from batchyard.core.snapshot import Snapshot
from batchyard.core.times import stamp


def round_of(node: PoolNode) -> str:
    """Tells the wipe Pod of this request from those of others; empty for a node that leaves."""
    status = node.member.status
    return f"{node.asked}.{status.reboots}.{status.reimages}" if node.asked is not None else ""


def wiped(node: PoolNode, pods: Mapping[str, PodFacts]) -> bool:
    """Halfway: the pool's Pod may come again."""
    pod = pods.get(node.member.spec.node_id)
    return pod is not None and pod.phase == "Succeeded" and pod.ref.name == wipe_name(node.member, round_of(node))


def plan_resets(s: Snapshot, nodes: Fleet, busy: AbstractSet[str]) -> Iterator[Action]:
    for name, word in nodes.asked.items():
        node = nodes[name]
        if not node.resetting:
            if name not in busy:
                yield patch_status(ref(node.member), {"state": word.value, "stateTransitionTime": stamp(s.now)})
        elif not wiped(node, s.wipe_pods):
            yield from _wipe(s, name, node, busy)
        elif node.settled:
            yield patch_status(ref(node.member), _done(node, s.now))


def _wipe(s: Snapshot, name: str, node: PoolNode, busy: AbstractSet[str]) -> Iterator[Action]:
    """Once nothing of the pool runs there; on a reimage, once it is wiped of every job too."""
    reimage = node.asked is NodeState.REIMAGING
    prepared = any(name in view.preparation_pods for view in s.jobs)
    if name in s.pods or name in busy or prepared or (reimage and name in s.occupied):
        return
    manifest = pool_wipe_pod if reimage else boot_wipe_pod
    make = Create("Pod", manifest(node.member, node.pool.uid, s.rules, round_of(node)), "")
    yield from step(ref(node.member), s.wipe_pods.get(name), make, (), now=s.now)


def _done(node: PoolNode, now: float) -> dict[str, Any]:
    """The next word is found in the next pass; it is not one of a reset."""
    status, done = node.member.status, {"state": NodeState.STARTING.value, "lastBootTime": stamp(now)}
    if node.asked is NodeState.REIMAGING:
        return {**done, "reimages": status.reimages + 1}
    return {**done, "reboots": status.reboots + 1}
