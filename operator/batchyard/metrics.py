"""The operator's metrics; the only importer of prometheus_client. No label ever names a job or a task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from batchyard.core.numbers import Numbers

_requests = Counter("batchyard_api_requests", "Requests to the API server", ["verb", "kind", "code"])
_passes = Histogram(
    "batchyard_pass_seconds",
    "Seconds from a snapshot to its plan",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
)
_actions = Counter("batchyard_actions", "Actions planned", ["action"])
_quarantined = Counter("batchyard_quarantined", "Parts of plans left out because planning them failed")
_leader = Gauge("batchyard_leader", "1 while this replica holds the lease and acts, 0 while it stands by")

BY_STATE: Mapping[str, str] = {
    "nodes": "Nodes of the pool by Azure's state",
    "jobs": "Jobs of the pool by Azure's state",
    "tasks": "Tasks by state, of jobs that have not been deleted",
}


@dataclass(eq=False)
class _Pools(Collector):
    """What each pool's last pass saw. Read by the thread that serves, while the operator replaces whole entries."""

    seen: dict[tuple[str, str], Numbers] = field(default_factory=dict)

    @override
    def collect(self) -> Iterator[GaugeMetricFamily]:
        pools = dict(self.seen).items()
        for what, text in BY_STATE.items():
            family = GaugeMetricFamily(f"batchyard_pool_{what}", text, labels=["namespace", "pool", "state"])
            for key, found in pools:
                for state, number in getattr(found, what).items():
                    family.add_metric([*key, state], number)
            yield family
        target = GaugeMetricFamily("batchyard_pool_target_nodes", "Nodes asked for", labels=["namespace", "pool"])
        waiting = GaugeMetricFamily(
            "batchyard_pool_waiting_jobs", "Jobs whose tasks wait, by reason", labels=["namespace", "pool", "reason"]
        )
        for key, found in pools:
            target.add_metric(key, found.target_nodes)
            for reason, number in found.waiting.items():
                waiting.add_metric([*key, reason], number)
        yield target
        yield waiting


_pools = _Pools()
REGISTRY.register(_pools)


def count_request(verb: str, kind: str, code: int) -> None:
    _requests.labels(verb, kind, str(code)).inc()


def count_pass(seconds: float, actions: list[str]) -> None:
    _passes.observe(seconds)
    for action in actions:
        _actions.labels(action).inc()


def count_quarantined() -> None:
    _quarantined.inc()


def lead() -> None:
    _leader.set(1)


def tell_pool(namespace: str, pool: str, numbers: Numbers) -> None:
    """A pool of which nothing is left has no series any more."""
    if numbers == Numbers():
        _pools.seen.pop((namespace, pool), None)
    else:
        _pools.seen[namespace, pool] = numbers


def serve(port: int) -> None:
    """Port 0: not at all."""
    if port:
        start_http_server(port)
