"""The Pods of one job's tasks, sorted and counted as they come and go, so that a pass need not walk over those that just run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from batchyard.api import names
from batchyard.core.facts import PodFacts, Unit
from batchyard.core.load import IDLE, Load, slots_of

Run = str
"""A task and its attempt, as the labels of a Pod say it."""


class TaskPods:
    """Those that run, or of which something is still to be written down."""

    def __init__(self, pods: Iterable[PodFacts] = ()) -> None:
        self.at_work: dict[Run, PodFacts] = {}
        """Those whose command runs and that nobody has asked to end: until they change there is little to say about them."""
        self.others: dict[str, PodFacts] = {}
        """By UID: those that start, end or have ended."""
        self.load: dict[str, Load] = {}
        """By node, of those that have not ended."""
        self.live: Counter[Unit] = Counter()
        """How many have not ended, by task."""
        self.running = 0
        """How many have not ended."""
        for pod in pods:
            self.put(pod)

    @property
    def ended(self) -> Iterator[PodFacts]:
        return (pod for pod in self.others.values() if pod.ended)

    def put(self, pod: PodFacts) -> None:
        if _works(pod) and run_of(pod) not in self.at_work:
            self.at_work[run_of(pod)] = pod
        else:
            self.others[pod.ref.uid] = pod
        self._count(pod, 1)

    def drop(self, pod: PodFacts) -> None:
        """`pod` is as it was put."""
        if self.others.pop(pod.ref.uid, None) is None:
            del self.at_work[run_of(pod)]
        self._count(pod, -1)

    def _count(self, pod: PodFacts, step: int) -> None:
        if pod.ended:
            return
        unit, node = pod.unit, pod.node
        self.running += step
        self.live[unit] += step
        self.load[node] = self.load.get(node, IDLE).plus(step * slots_of(pod), step)
        if not self.live[unit]:
            del self.live[unit]
        if not self.load[node].tasks:
            del self.load[node]

    def __iter__(self) -> Iterator[PodFacts]:
        yield from self.at_work.values()
        yield from self.others.values()

    def __len__(self) -> int:
        return len(self.at_work) + len(self.others)


def run_of(pod: PodFacts) -> Run:
    return run(pod.unit, pod.attempt)


def run(unit: Unit, attempt: object) -> Run:
    return f"{'/'.join(unit)}/{attempt}"


def _works(pod: PodFacts) -> bool:
    """Its owner is the task of its labels, else it is nobody's attempt."""
    waits = any(container.waiting_reason for container in pod.containers.values())
    owned = pod.owner_uid == pod.unit[0]
    asked = pod.deleting_since is not None or names.LABEL_PREEMPTED_BY in pod.labels
    return pod.phase == "Running" and not asked and owned and not waits
