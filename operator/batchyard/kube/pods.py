"""The Pods of one job or pool by component and node, kept as they come and go. Holds, decides nothing but which of two counts."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from batchyard.api import names
from batchyard.core.facts import PodFacts

MANY_ON_A_NODE = (names.COMPONENT_TASK,)
"""Nobody asks which of them counts there."""


class PodIndex:
    """A pass asks for the Pods of a component, or for the one of a component that counts on each node."""

    def __init__(self) -> None:
        self._all: defaultdict[str, dict[str, PodFacts]] = defaultdict(dict)
        self._kept: list[PodFacts] = []
        self._on: defaultdict[tuple[str, str], dict[str, PodFacts]] = defaultdict(dict)
        self._counting: defaultdict[str, dict[str, PodFacts]] = defaultdict(dict)

    def __bool__(self) -> bool:
        return bool(self._kept) or any(self._all.values())

    def __iter__(self) -> Iterator[PodFacts]:
        yield from self._kept
        for pods in self._all.values():
            yield from pods.values()

    @property
    def kept(self) -> Sequence[PodFacts]:
        """Task Pods of which only the log is of use, by when they ended: there may be many more than run."""
        return self._kept

    def put(self, pod: PodFacts) -> None:
        if _kept(pod):
            insort(self._kept, pod, key=_end)
            return
        self._all[pod.component][pod.ref.uid] = pod
        if pod.component not in MANY_ON_A_NODE:
            self._on[pod.component, pod.node][pod.ref.uid] = pod
            self._count(pod.component, pod.node)

    def drop(self, pod: PodFacts) -> None:
        """`pod` is as it was put."""
        if _kept(pod):
            del self._kept[bisect_left(self._kept, _end(pod), key=_end)]
            return
        del self._all[pod.component][pod.ref.uid]
        if pod.component not in MANY_ON_A_NODE:
            del self._on[pod.component, pod.node][pod.ref.uid]
            self._count(pod.component, pod.node)

    def of(self, component: str) -> tuple[PodFacts, ...]:
        return tuple(self._all[component].values())

    def by_node(self, component: str) -> Mapping[str, PodFacts]:
        """One Pod for each node; while an old one is going the new one counts."""
        return self._counting[component]

    def _count(self, component: str, node: str) -> None:
        if here := self._on[component, node].values():
            self._counting[component][node] = max(here, key=_precedence)
        else:
            del self._on[component, node]
            self._counting[component].pop(node, None)


def _kept(pod: PodFacts) -> bool:
    return pod.component == names.COMPONENT_TASK and pod.kept


def _end(pod: PodFacts) -> tuple[float, str]:
    return pod.finished, pod.ref.uid


def _precedence(pod: PodFacts) -> tuple[bool, float, str]:
    return pod.deleting_since is None, pod.created, pod.ref.name
