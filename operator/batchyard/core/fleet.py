"""The nodes of a pool as they are today: which of them serve, and Azure's word for each (6.2). Answers questions, plans nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from batchyard.api import names
from batchyard.api.node import Node
from batchyard.api.pool import Pool
from batchyard.api.states import NodeState
from batchyard.core.facts import NodeFacts, PodFacts
from batchyard.core.pods.pool import SETUP, START_TASK
from batchyard.core.snapshot import JobView, Snapshot
from batchyard.core.verdicts import init_result


@dataclass(frozen=True, slots=True)
class PoolNode:
    """One BatchNode beside the cluster's Node and the pool's Pod there (None: not there)."""

    pool: Pool
    member: Node
    node: NodeFacts | None
    pod: PodFacts | None

    @property
    def lost(self) -> bool:
        """The machine behind the BatchNode is not in the cluster any more."""
        return self.node is None or self.node.uid != self.member.spec.node_uid

    @property
    def present(self) -> bool:
        """There to stay."""
        return not self.member.metadata.deleting and not self.lost

    @property
    def serves(self) -> bool:
        """Whether tasks may go there: set up, its start task done if that is waited for, the Node ready and not cordoned."""
        usable = self.present and self.node is not None and self.node.ready and self.node.schedulable
        return usable and self.pod is not None and self.pod.deleting_since is None and _set_up(self.pod, self.pool)

    def state(self, running: int) -> NodeState:
        """`running` is how many tasks are due or live there."""
        if self.member.metadata.deleting:
            return NodeState.LEAVING_POOL
        if self.node is None or not self.node.ready:
            return NodeState.UNKNOWN
        if running and (self.serves or not self.node.schedulable):
            return NodeState.RUNNING
        if not self.node.schedulable:
            return NodeState.OFFLINE
        return NodeState.IDLE if self.serves else _starting(self.pod)


def _set_up(pod: PodFacts, pool: Pool) -> bool:
    start = pool.spec.start_task
    if start is not None and not start.wait_for_success:
        setup = pod.container(SETUP).terminated
        return setup is not None and setup.exit_code == 0
    return pod.ready


def _starting(pod: PodFacts | None) -> NodeState:
    if pod is None:
        return NodeState.CREATING
    result = init_result(pod.container(START_TASK))
    if result is not None and not result.succeeded:
        return NodeState.START_TASK_FAILED
    setup = pod.container(SETUP).terminated
    return NodeState.WAITING_FOR_START_TASK if setup is not None and setup.exit_code == 0 else NodeState.STARTING


Fleet = Mapping[str, PoolNode]
"""By name of the cluster's Node."""


def fleet(s: Snapshot) -> Fleet:
    if s.pool is None:
        return {}
    return {
        name: PoolNode(s.pool, member, s.nodes.get(name), s.pods.get(name))
        for name, member in sorted(s.members.items())
    }


@dataclass(frozen=True, slots=True)
class Load:
    """What runs on one node."""

    tasks: int = 0
    slots: int = 0

    def plus(self, slots: int) -> Load:
        return Load(self.tasks + 1, self.slots + slots)


IDLE = Load()


def loads(views: Iterable[JobView]) -> dict[str, Load]:
    """By node, of the Pods whose processes may still run (S12)."""
    found: dict[str, Load] = {}
    for view in views:
        for pod in view.task_pods:
            if not pod.ended:
                found[pod.node] = found.get(pod.node, IDLE).plus(slots_of(pod))
    return found


def slots_of(pod: PodFacts) -> int:
    return int(pod.labels.get(names.LABEL_SLOTS, "1"))


def free_slots(nodes: Fleet, load: Mapping[str, Load], slots_per_node: int) -> dict[str, int]:
    """Slots of each serving node less those in use; below zero when the pool's slots were lowered."""
    return {name: slots_per_node - load.get(name, IDLE).slots for name, node in nodes.items() if node.serves}
