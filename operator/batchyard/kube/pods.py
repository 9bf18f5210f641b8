"""The Pods of one job or pool by component and node, kept as they come and go. Holds, decides nothing but which of two counts."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from batchyard.api import names
from batchyard.core.facts import PodFacts
from batchyard.core.tasks.task_pods import TaskPods
from batchyard.kube.shelf import Shelf


class PodIndex:
    """A pass asks for the Pods of tasks, or for the one of another component that counts on each node."""

    def __init__(self) -> None:
        self.tasks = TaskPods()
        self.pools: Counter[str] = Counter()
        self._kept: list[PodFacts] = []
        self._on: defaultdict[tuple[str, str], dict[str, PodFacts]] = defaultdict(dict)
        self._counting: defaultdict[str, Shelf[str, PodFacts]] = defaultdict(Shelf)

    def __bool__(self) -> bool:
        return bool(self._kept or self.tasks or self._on)

    @property
    def kept(self) -> Sequence[PodFacts]:
        """Task Pods of which only the log is of use, by when they ended: there may be many more than run."""
        return self._kept

    def put(self, pod: PodFacts) -> None:
        self.pools[pod.labels.get(names.LABEL_POOL, "")] += 1
        if pod.component != names.COMPONENT_TASK:
            self._on[pod.component, pod.node][pod.ref.uid] = pod
            self._count(pod.component, pod.node)
        elif pod.kept:
            insort(self._kept, pod, key=_end)
        else:
            self.tasks.put(pod)

    def drop(self, pod: PodFacts) -> None:
        """`pod` is as it was put."""
        self.pools[pod.labels.get(names.LABEL_POOL, "")] -= 1
        if pod.component != names.COMPONENT_TASK:
            del self._on[pod.component, pod.node][pod.ref.uid]
            self._count(pod.component, pod.node)
        elif pod.kept:
            del self._kept[bisect_left(self._kept, _end(pod), key=_end)]
        else:
            self.tasks.drop(pod)

    def by_node(self, component: str) -> Mapping[str, PodFacts]:
        """One Pod for each node; while an old one is going the new one counts."""
        return self._counting[component].shown

    def _count(self, component: str, node: str) -> None:
        if here := self._on[component, node].values():
            self._counting[component][node] = max(here, key=_precedence)
        else:
            del self._on[component, node]
            self._counting[component].pop(node, None)


def _end(pod: PodFacts) -> tuple[float, str]:
    return pod.finished, pod.ref.uid


def _precedence(pod: PodFacts) -> tuple[bool, float, str]:
    return pod.deleting_since is None, pod.created, pod.ref.name
