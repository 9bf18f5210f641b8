"""What runs on which node, in numbers, of the Pods whose processes may still run (S12). Knows no pool and no job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from batchyard.api import names
from batchyard.core.facts import PodFacts


class Load(NamedTuple):
    """Of one node."""

    tasks: int = 0
    slots: int = 0

    def plus(self, slots: int, tasks: int = 1) -> Load:
        return Load(self.tasks + tasks, self.slots + slots)


IDLE = Load()


def slots_of(pod: PodFacts) -> int:
    """Labels can be edited by people: what is no number must not stop the pool."""
    text = pod.labels.get(names.LABEL_SLOTS, "")
    return int(text) if text.isdecimal() else 1


def together(loads: Iterable[Mapping[str, Load]]) -> dict[str, Load]:
    """What several jobs come to, by node."""
    found: dict[str, Load] = {}
    for load in loads:
        if not found:
            found = dict(load)
            continue
        for node, (tasks, slots) in load.items():
            found[node] = found.get(node, IDLE).plus(slots, tasks)
    return found
