"""The nodes of a pool together: which of them serve, go, are asked for something, and what they say. Answers questions, plans nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from functools import cached_property

from batchyard.api.node import Node
from batchyard.api.pool import Pool
from batchyard.api.states import NodeState
from batchyard.core.facts import NodeFacts, PodFacts
from batchyard.core.load import IDLE, Load
from batchyard.core.memory import Memory
from batchyard.core.pools.pool_node import PoolNode
from batchyard.core.snapshot import Snapshot


class Fleet(dict[str, PoolNode]):
    """By name of the cluster's Node, in order. Never altered: what a pass asks of all of them is found once, and the next pass knows it."""

    @cached_property
    def serving(self) -> tuple[str, ...]:
        return tuple(name for name, node in self.items() if node.serves)

    @cached_property
    def here(self) -> Fleet:
        """Those in the pool: not on their way out, however well they are."""
        found = Fleet({name: node for name, node in self.items() if node.present})
        return found if len(found) < len(self) else self

    @cached_property
    def lost(self) -> Fleet:
        return Fleet({name: node for name, node in self.items() if node.lost})

    @cached_property
    def replaced(self) -> Fleet:
        """Those of which it is not written down yet that they leave."""
        return Fleet({name: node for name, node in self.items() if node.replaced and not node.member.metadata.deleting})

    @cached_property
    def deleting(self) -> Fleet:
        """Those that leave, and it is written down."""
        return Fleet({name: node for name, node in self.items() if node.member.metadata.deleting})

    @cached_property
    def surplus(self) -> Fleet:
        return Fleet({name: node for name, node in self.items() if node.surplus})

    @cached_property
    def asked(self) -> Mapping[str, NodeState]:
        """Those in the pool of which a reboot or reimage is asked, and the word for it."""
        return {name: node.asked for name, node in self.here.items() if node.asked is not None}

    @cached_property
    def resetting(self) -> frozenset[str]:
        """Those being rebooted or reimaged: no preparation may run there."""
        return frozenset(name for name, node in self.items() if node.resetting)

    def of_kind(self, *, dedicated: bool) -> Collection[str]:
        """Those in the pool of one kind, in order."""
        return self._kinds[dedicated]

    @cached_property
    def _kinds(self) -> Mapping[bool, list[str]]:
        kinds: dict[bool, list[str]] = {True: [], False: []}
        for name, node in self.here.items():
            kinds[node.member.spec.is_dedicated].append(name)
        return kinds

    @cached_property
    def leaving(self) -> Counter[bool]:
        """How many are on their way out, by whether they are dedicated."""
        return Counter(node.member.spec.is_dedicated for node in self.values() if node.leaving)

    def words(self, load: Mapping[str, Load]) -> Counter[NodeState]:
        """How many nodes there are of each word."""
        words = Counter[NodeState]()
        for (idle, busy), names in self._by_words.items():
            running = len(load.keys() & names)
            words[idle] += len(names) - running
            words[busy] += running
        return +words

    @cached_property
    def _by_words(self) -> Mapping[tuple[NodeState, NodeState], set[str]]:
        """Names by what the node says while nothing runs there, and while something does."""
        found = defaultdict[tuple[NodeState, NodeState], set[str]](set)
        for name, node in self.items():
            found[node.state(0), node.state(1)].add(name)
        return found


def fleet(s: Snapshot) -> Fleet:
    if s.pool is None:
        return Fleet()
    pool = s.memory.settle(Pool.specified, s.pool)
    return s.memory.ask(_fleet, s.memory, pool, s.members, s.nodes, s.pods)


def _fleet(
    memory: Memory,
    pool: Pool,
    members: Mapping[str, Node],
    nodes: Mapping[str, NodeFacts],
    pods: Mapping[str, PodFacts],
) -> Fleet:
    """A node about which nothing has changed is the one of the last pass, with all that was found about it."""
    beside = {name: (pool, member, nodes.get(name), pods.get(name)) for name, member in sorted(members.items())}
    return Fleet(memory.each(PoolNode, beside))


def free_slots(nodes: Fleet, load: Mapping[str, Load], slots_per_node: int) -> dict[str, int]:
    """Slots of each serving node less those in use; below zero when the pool's slots were lowered."""
    return {name: slots_per_node - load.get(name, IDLE).slots for name in nodes.serving}
