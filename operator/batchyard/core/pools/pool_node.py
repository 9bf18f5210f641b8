"""One node of a pool as it is today: whether it serves, and Azure's word for it (6.2). Answers questions, plans nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from batchyard.api.node import Node
from batchyard.api.pool import Pool
from batchyard.api.states import NodeState, SchedulingState
from batchyard.core.facts import NodeFacts, PodFacts
from batchyard.core.pods.pool import SETUP, START_TASK
from batchyard.core.tasks.verdicts import image_trouble, init_result


@dataclass(frozen=True)
class PoolNode:
    """One BatchNode beside the cluster's Node and the pool's Pod there (None: not there). What is asked of it often is found once."""

    pool: Pool
    member: Node
    node: NodeFacts | None
    pod: PodFacts | None
    surplus: bool = False
    """The pool has more nodes than it wants, and this is one to go (shrinking.py)."""

    @cached_property
    def lost(self) -> bool:
        """The machine behind the BatchNode is not in the cluster any more."""
        return self.node is None

    @property
    def replaced(self) -> bool:
        """Another machine has its name, or it has registered anew: what was bound to the name may have started there, so it is wiped."""
        return self.node is not None and self.node.uid != self.member.spec.node_uid

    @cached_property
    def present(self) -> bool:
        """In the pool: not on its way out, however well it is."""
        return not (self.member.metadata.deleting or self.lost or self.replaced)

    @property
    def leaving(self) -> bool:
        return self.surplus or self.replaced or self.member.metadata.deleting or self.pool.metadata.deleting

    @cached_property
    def asked(self) -> NodeState | None:
        """The word for what the node's request counters ask for and is not done yet."""
        spec, status = self.member.spec, self.member.status
        if spec.reimages > status.reimages:
            return NodeState.REIMAGING
        return NodeState.REBOOTING if spec.reboots > status.reboots else None

    @property
    def resetting(self) -> bool:
        """What is asked for has begun: it was written down, and is brought to its end (resets.py)."""
        return self.asked is not None and self.member.status.state is self.asked

    @cached_property
    def enabled(self) -> bool:
        """Neither its user nor the cluster's keeps new tasks away."""
        disabled = self.member.spec.scheduling_state is SchedulingState.DISABLED
        return self.node is not None and self.node.schedulable and not disabled

    @cached_property
    def up(self) -> bool:
        """The machine answers, has room on its disk, and the pool is set up there, its start task done if that is waited for."""
        machine = self.node is not None and self.node.ready and not self.node.deleting and not self.node.disk_full
        return machine and self.pod is not None and self.pod.deleting_since is None and _set_up(self.pod, self.pool)

    @cached_property
    def serves(self) -> bool:
        """Whether tasks may go there."""
        return self.present and not self.leaving and self.asked is None and self.enabled and self.up

    @property
    def settled(self) -> bool:
        """The pool's Pod has come as far as it gets by itself: it is ready, or its start task or image failed."""
        pod = self.pod
        if pod is None or pod.deleting_since is not None:
            return False
        return self.up or init_result(pod.container(START_TASK)) is not None or bool(troubles(pod))

    def state(self, running: int) -> NodeState:
        """`running` is how many tasks are due or live there. The first word that applies, in this order."""
        return self._word_busy if running else self._word_idle

    @cached_property
    def _word_busy(self) -> NodeState:
        return next(word for word in self._words(running=True) if word is not None)

    @cached_property
    def _word_idle(self) -> NodeState:
        return next(word for word in self._words(running=False) if word is not None)

    def _words(self, *, running: bool) -> Iterator[NodeState | None]:
        yield NodeState.LEAVING_POOL if self.leaving else None
        yield self.asked if self.resetting else None
        yield _machine(self.node, dedicated=self.member.spec.is_dedicated)
        yield NodeState.RUNNING if running else None
        yield NodeState.UNUSABLE if self.pod is not None and [*troubles(self.pod)] else None
        yield None if self.enabled else NodeState.OFFLINE
        yield NodeState.IDLE if self.up else _starting(self.pod)


def _machine(node: NodeFacts | None, *, dedicated: bool) -> NodeState | None:
    """What is wrong with the machine itself. A spot Node that is being deleted is taken back by its provider."""
    if node is not None and node.deleting and not dedicated:
        return NodeState.PREEMPTED
    if node is None or not node.ready:
        return NodeState.UNKNOWN
    return NodeState.UNUSABLE if node.disk_full or node.deleting else None


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


def troubles(pod: PodFacts) -> list[str]:
    """What the kubelet says about images of the pool that it cannot get."""
    return [trouble for name in (SETUP, START_TASK) if (trouble := image_trouble(pod, name))]
