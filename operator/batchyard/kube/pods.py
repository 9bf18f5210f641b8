"""The Pods of one job or pool by component and node, kept as they come and go. Holds, decides nothing but which of two counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from batchyard.api import names
from batchyard.core.facts import PodFacts

MANY_ON_A_NODE = (names.COMPONENT_TASK,)
"""Nobody asks which of them counts there."""


class PodIndex:
    """A pass asks for the Pods of a component, or for the one of a component that counts on each node."""

    def __init__(self) -> None:
        self._all: defaultdict[str, dict[str, PodFacts]] = defaultdict(dict)
        self._on: defaultdict[tuple[str, str], dict[str, PodFacts]] = defaultdict(dict)
        self._counting: defaultdict[str, dict[str, PodFacts]] = defaultdict(dict)

    def __bool__(self) -> bool:
        return any(self._all.values())

    def __iter__(self) -> Iterator[PodFacts]:
        return (pod for pods in self._all.values() for pod in pods.values())

    def put(self, pod: PodFacts) -> None:
        self._all[pod.component][pod.ref.uid] = pod
        if pod.component not in MANY_ON_A_NODE:
            self._on[pod.component, pod.node][pod.ref.uid] = pod
            self._count(pod.component, pod.node)

    def drop(self, pod: PodFacts) -> None:
        """`pod` is as it was put."""
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


def _precedence(pod: PodFacts) -> tuple[bool, float, str]:
    return pod.deleting_since is None, pod.created, pod.ref.name
