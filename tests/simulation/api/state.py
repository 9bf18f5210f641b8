"""What all calls share: the history, the time, and the counters from which new things get their names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from itertools import count

from tests.simulation.api import refusal
from tests.simulation.api.call import Body
from tests.simulation.api.history import History, Key
from tests.simulation.api.resource import Resource
from tests.simulation.api.served import NAMESPACES, Target


@dataclass
class State:
    now: Callable[[], float]
    history: History = field(default_factory=History)
    unsaved: set[str] = field(default_factory=set)
    """Uids of objects whose defaults are only shown: the first write to them changes something, whatever it says."""
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def number(self) -> int:
        return next(self._numbers)

    def uid(self) -> str:
        return f"00000000-0000-4000-8000-{self.number():012x}"

    def stamp(self, later: float = 0) -> str:
        """Kubernetes' times have no fractions."""
        return stamp(int(self.now() + later))

    def find(self, target: Target) -> Body:
        item = self.history.get(target.resource.qualified, (target.namespace, target.name))
        if item is None:
            raise refusal.not_found(target.resource, target.name)
        return item

    def put(self, resource: Resource, key: Key, item: Body) -> Body:
        self.unsaved.discard(item["metadata"]["uid"])
        return self.history.put(resource.qualified, key, item)

    def namespace(self, name: str) -> Body:
        item = self.history.get(NAMESPACES.qualified, ("", name))
        if item is None:
            raise refusal.not_found(NAMESPACES, name)
        return item


@lru_cache(maxsize=10_000)
def stamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
