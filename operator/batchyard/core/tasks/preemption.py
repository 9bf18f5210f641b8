"""Which running tasks go so that a task of a job with higher priority can start (Azure: allowTaskPreemption). Pure.

Only where slots are all that is missing: of jobs that allow it and have a lower priority, those of the lowest priority first, then
the fewest, then the youngest. What is going already is counted on, so that nobody else is asked to go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from batchyard.core.actions import Ref

LOWEST = -(10**6)
"""Below every priority."""


@dataclass(frozen=True, slots=True)
class Runner:
    """The Pod of a task that runs on a node."""

    pod: Ref
    node: str
    slots: int
    priority: int
    since: float
    going: bool = False
    """It is being stopped, for whatever reason."""


@dataclass(frozen=True, slots=True)
class Displaced:
    """A running task that goes for a task of this job."""

    runner: Runner
    by: str


@dataclass(slots=True)
class _Node:
    """What could be had on one node. `coming` is held by nobody yet."""

    coming: int = 0
    stay: list[Runner] = field(default_factory=list)
    """The one to go first in front."""
    chosen: list[Displaced] = field(default_factory=list)


class Room:
    """What waiting tasks may claim besides the slots that are free now. Claims are made in scheduling order."""

    def __init__(self, free: Mapping[str, int], running: Iterable[Runner]) -> None:
        nodes: defaultdict[str, _Node] = defaultdict(_Node)
        for runner in sorted(running, key=_first_to_go):
            if runner.going:
                nodes[runner.node].coming += runner.slots
            else:
                nodes[runner.node].stay.append(runner)
        for name, node in nodes.items():
            node.coming += min(0, free.get(name, 0))  # slots were lowered: so much must go before anybody gains
        self._nodes = dict(sorted(nodes.items()))

    def __bool__(self) -> bool:
        return bool(self._nodes)

    def claim(
        self, slots: int, job: str, priority: int, free: Mapping[str, int], may: Callable[[str], bool]
    ) -> tuple[str, int] | None:
        """The node that a task gets later, and how many of its free slots are kept for it; None if no node can be had."""
        ways = (
            (_cost(go), name, go)
            for name, node in self._nodes.items()
            if may(name) and (go := _to_go(node, slots - free.get(name, 0) - node.coming, priority)) is not None
        )
        if (best := min(ways, default=None, key=lambda way: way[:2])) is None:
            return None
        _, name, go = best
        node = self._nodes[name]
        node.chosen += (Displaced(runner, job) for runner in go)
        node.stay = [runner for runner in node.stay if runner not in go]
        node.coming += sum(runner.slots for runner in go)
        kept = max(0, slots - node.coming)
        node.coming -= slots - kept
        return name, kept

    def displaced(self) -> list[Displaced]:
        """Those that must go, without any that later claims have made needless: the most valuable is spared first."""
        return [each for node in self._nodes.values() for each in _needed(node)]


def _cost(go: Sequence[Runner]) -> tuple[int, int, float]:
    """Nobody is best."""
    return max((r.priority for r in go), default=LOWEST), len(go), -min((r.since for r in go), default=0)


def _first_to_go(runner: Runner) -> tuple[int, float, str]:
    return runner.priority, -runner.since, runner.pod.uid


def _to_go(node: _Node, missing: int, priority: int) -> Sequence[Runner] | None:
    """None when all that may go are not enough."""
    lower = [runner for runner in node.stay if runner.priority < priority]
    if missing <= 0 or sum(runner.slots for runner in lower) < missing:
        return () if missing <= 0 else None
    reached = accumulate(runner.slots for runner in lower)
    highest = next(r.priority for r, slots in zip(lower, reached, strict=True) if slots >= missing)
    return _fewest([runner for runner in lower if runner.priority <= highest], missing)


def _fewest(among: list[Runner], missing: int) -> list[Runner]:
    """The biggest, and as the last one the smallest that is enough."""
    go = list[Runner]()
    while True:
        enough = [runner for runner in among if runner.slots >= missing]
        chosen = min(enough, key=lambda r: r.slots) if enough else max(among, key=lambda r: r.slots)
        go.append(chosen)
        if enough:
            return go
        among = [runner for runner in among if runner is not chosen]
        missing -= chosen.slots


def _needed(node: _Node) -> list[Displaced]:
    spare, needed = node.coming, list[Displaced]()
    for each in sorted(node.chosen, key=lambda each: _first_to_go(each.runner), reverse=True):
        if each.runner.slots <= spare:
            spare -= each.runner.slots
        else:
            needed.append(each)
    return needed
