"""The free slots of a pool as one job sees them, so that the best node for a task is found without a look at each. Knows no task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum, auto
from heapq import heapify, heappop, heappush


class Turn(IntEnum):
    """Which nodes are looked at before which."""

    MARKED = auto()
    """It is written down that a task of the job runs there, and none does."""
    OWED = auto()
    """Prepared for the job, or about to be, for a task that has not come."""
    ANY = auto()


Bucket = tuple[Turn, int]
"""Whose turn it is, and free slots."""


class Vacancies:
    """`fresh` nodes are not prepared for the job."""

    def __init__(
        self, free: Iterable[tuple[str, int]], turns: Mapping[str, Turn], fresh: Callable[[str], bool], *, pack: bool
    ) -> None:
        self._fresh, self._pack = fresh, pack
        self._buckets: defaultdict[Bucket, list[tuple[bool, str]]] = defaultdict(list)
        self._bucket_of: dict[str, Bucket] = {}
        self._most = 0
        for node, slots in free:
            self._bucket_of[node] = bucket = turns.get(node, Turn.ANY), slots
            self._buckets[bucket].append((fresh(node), node))
            self._most = max(self._most, slots)
        for nodes in self._buckets.values():
            heapify(nodes)
        self._turns = sorted({Turn.ANY, *turns.values()})

    def best(self, slots: int, preferred: str = "", avoided: str = "") -> str | None:
        """The preferred node if it has room; else one whose turn comes first; of these the emptiest (pack: the fullest) with room."""
        if avoided in self._bucket_of:
            return self._best_without(avoided, slots, preferred)
        if self._bucket_of.get(preferred, (Turn.ANY, 0))[1] >= slots:
            return preferred
        sizes = range(slots, self._most + 1) if self._pack else range(self._most, slots - 1, -1)
        for bucket in ((turn, size) for turn in self._turns for size in sizes):
            if (node := self._first(bucket)) is not None:
                return node
        return None

    def _best_without(self, avoided: str, slots: int, preferred: str) -> str | None:
        bucket = self._bucket_of.pop(avoided)
        node = self.best(slots, preferred)
        self._bucket_of[avoided] = bucket
        heappush(self._buckets[bucket], (self._fresh(avoided), avoided))
        return node

    def take(self, node: str, slots: int) -> int:
        """What is left there."""
        left = self._bucket_of.pop(node)[1] - slots
        if left > 0:
            self._bucket_of[node] = Turn.ANY, left
            heappush(self._buckets[Turn.ANY, left], (self._fresh(node), node))
        return left

    def _first(self, bucket: Bucket) -> str | None:
        """Nodes that have moved on are cleared away when they come to the top."""
        if (nodes := self._buckets.get(bucket)) is None:
            return None
        while nodes:
            if self._bucket_of.get(nodes[0][1]) == bucket:
                return nodes[0][1]
            heappop(nodes)
        return None
