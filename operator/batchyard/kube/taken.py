"""Names that something else has: whether it is what we would have made, and when to try again. Knows the clock, asks nobody."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from batchyard.core.actions import Create
from batchyard.kube.kinds import POD
from batchyard.kube.observe import controller_uid
from batchyard.kube.recent import Recent

FIRST_SECONDS, LONGEST_SECONDS = 2.0, 15.0


def made_by(action: Create, meta: Mapping[str, Any]) -> bool:
    """Whether an object is what the action makes. A Pod is known by its labels: without them nobody would ever find it again."""
    asked, has = action.manifest["metadata"].get("labels") or {}, meta.get("labels") or {}
    owned = not action.owner_uid or controller_uid(meta) == action.owner_uid
    return owned and (action.kind != POD.kind or asked.items() <= has.items())


class Taken:
    """Often by what an earlier object of the name has left, which the garbage collector is about to take; else for long."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._waits: Recent[Hashable, float] = Recent(4 * LONGEST_SECONDS, now)

    def again_in(self, name: Hashable) -> float:
        """Seconds until the next try, the longer the longer it has been so."""
        before = self._waits.find(name)
        seconds = FIRST_SECONDS if before is None else min(2 * before[0], LONGEST_SECONDS)
        self._waits.note(name, seconds)
        return seconds
