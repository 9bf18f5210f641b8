"""What becomes of running tasks whose node, slots or job are taken away (Azure: deallocation, disable and reboot options). Plans nothing."""

from __future__ import annotations

from enum import Enum, auto

from batchyard.api import names
from batchyard.api.pool import Pool
from batchyard.api.states import NodeDeallocationOption, NodeDisableSchedulingOption, NodeState, SchedulingState
from batchyard.core.facts import PodFacts
from batchyard.core.pools.fleet import Fleet
from batchyard.core.pools.pool_node import PoolNode


class Fate(Enum):
    """How an attempt ends that is taken away at a user's wish."""

    REQUEUE = auto()
    """Back to the queue, requeueCount + 1."""
    TERMINATE = auto()
    """Completed for good, failureInfo code TaskEnded; nothing is tried again."""


_FATES = {"requeue": Fate.REQUEUE, "terminate": Fate.TERMINATE, "taskcompletion": None}


def of_node(node: PoolNode) -> Fate | None:
    """The fate of tasks that run on a node of the pool; None while they may go on.

    A node that is only in surplus takes no new tasks; its tasks are touched when it is written down that it leaves.
    """
    return of_pool(node.pool) or (_FATES[option.value] if (option := _option(node)) is not None else None)


def of_fleet(nodes: Fleet) -> dict[str, Fate]:
    """By node, where tasks may not go on."""
    return {name: fate for name, node in nodes.items() if (fate := of_node(node)) is not None}


def _option(node: PoolNode) -> NodeDeallocationOption | NodeDisableSchedulingOption | None:
    spec = node.member.spec
    if node.replaced:
        return None  # nobody asked for that: they are recovered
    if node.member.metadata.deleting:
        return node.pool.spec.node_deallocation_option
    if node.asked is NodeState.REIMAGING:
        return spec.node_reimage_option
    if node.asked is NodeState.REBOOTING:
        return spec.node_reboot_option
    if spec.scheduling_state is SchedulingState.DISABLED:
        return spec.node_disable_scheduling_option
    return None


def of_pool(pool: Pool | None) -> Fate | None:
    """A pool that goes puts its tasks back: jobs wait for a pool of its name (Azure 1.2)."""
    return Fate.REQUEUE if pool is None or pool.metadata.deleting else None


def of_pod(pod: PodFacts) -> Fate | None:
    """A run that is displaced for a job of higher priority carries the mark; the next run does not."""
    return Fate.REQUEUE if names.LABEL_PREEMPTED_BY in pod.labels else None
