"""What the last pass over each pool saw, as gauges that are made when somebody asks. Counts nothing that happens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from batchyard.core.numbers import Numbers, together
from batchyard.metrics.crowd import Key
from batchyard.metrics.registry import family, found_when_asked

POOL = ("namespace", "pool")
_NODES = found_when_asked(
    "batchyard_pool_nodes",
    "Nodes of the pool, dedicated or lowpriority, by Azure's state",
    [*POOL, "capacity", "state"],
)
_NEEDS_HUMAN = found_when_asked(
    "batchyard_pool_needs_human",
    "The pool (kind pool) and its jobs (kind job) that do not go on by waiting, by the reason in their conditions",
    [*POOL, "kind", "reason"],
)
_BY_WORD = {
    what: found_when_asked(f"batchyard_pool_{name}", meaning, [*POOL, label])
    for what, name, label, meaning in (
        ("target_nodes", "target_nodes", "capacity", "Nodes asked for"),
        ("slots", "task_slots", "use", "Task slots used, and free on nodes that take tasks"),
        ("jobs", "jobs", "state", "Jobs of the pool by Azure's state"),
        ("tasks", "tasks", "state", "Tasks by state, of jobs that have not been deleted; active is the queue"),
        (
            "waiting",
            "waiting_jobs",
            "reason",
            "Active jobs whose tasks wait, by the reason of their condition Admitted",
        ),
        ("waiting_tasks", "waiting_tasks", "reason", "Tasks in the queue, by the reason for which their job waits"),
    )
}


@dataclass(eq=False)
class Seen(Collector):
    """Read by the thread that serves, while the operator replaces whole entries."""

    pools: dict[Key, tuple[Key, Numbers]] = field(default_factory=dict)
    """With the labels under which each is told."""

    @override
    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = self._by_label()
        for declared, what in ((_NODES, "nodes"), (_NEEDS_HUMAN, "needs_human")):
            of = family(declared)
            for label, numbers in found.items():
                for words, number in getattr(numbers, what).items():
                    of.add_metric([*label, *words], number)
            yield of
        for what, declared in _BY_WORD.items():
            of = family(declared)
            for label, numbers in found.items():
                for word, number in getattr(numbers, what).items():
                    of.add_metric([*label, word], number)
            yield of

    def _by_label(self) -> dict[Key, Numbers]:
        found: defaultdict[Key, list[Numbers]] = defaultdict(list)
        for label, numbers in dict(self.pools).values():
            found[label].append(numbers)
        return {label: together(each) for label, each in found.items()}
