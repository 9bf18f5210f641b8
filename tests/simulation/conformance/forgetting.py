"""What was begun before a compaction and is taken up after it: pages of lists, and watches."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from batchyard.kube import kinds
from batchyard.kube.kinds import Kind
from tests.simulation.conformance.contents import LABELS, OURS, content_of, object_of, selectors
from tests.simulation.conformance.replaying import namespace
from tests.simulation.conformance.sequences import END
from tests.simulation.conformance.steps import CONTINUE, FIRST, LISTED, Step

KINDS = (*OURS, kinds.POD, kinds.DAEMON_SET, kinds.LEASE)


class Interrupted:
    """A few objects of one kind in a namespace of their own, of which some are listed, then others come or go."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)
        self._namespace = f"f{seed}"
        self._kind: Kind = self._chance.choice(KINDS)
        self.path = self._kind.collection(self._namespace)
        self._selectors = selectors(self._chance, self._kind) if self._chance.random() < 0.5 else {}

    def before(self) -> Iterator[Step]:
        yield Step("POST", kinds.NAMESPACE.collection(), {}, namespace(self._namespace))
        for name in "abcde"[: self._chance.randint(3, 5)]:
            yield self._create(name)
        yield Step("GET", self.path, {"limit": str(self._chance.randint(1, 2))})
        yield self._create("late")
        if self._chance.random() < 0.5:
            yield Step("DELETE", self._kind.object(self._namespace, self._chance.choice("abc")))

    def after(self) -> Iterator[Step]:
        yield Step("GET", self.path, {"limit": "1", "continue": CONTINUE + self.path}, pages=True)
        first = FIRST + kinds.NAMESPACE.object(None, self._namespace)
        yield Step("WATCH", self.path, {**self._selectors, "resourceVersion": first})
        yield Step("GET", self.path, self._selectors)
        yield self._create(END)
        yield Step("WATCH", self.path, {**self._selectors, "resourceVersion": LISTED + self.path})

    def _create(self, name: str) -> Step:
        content = content_of(self._chance, self._kind, self._namespace, 0, 0)
        return Step("POST", self.path, {}, object_of(self._kind, name, content, LABELS, {}))
