"""The operator's metrics; the only importer of prometheus_client. No label ever names a job or a task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from batchyard.core.happenings import Happening, What
from batchyard.core.numbers import Numbers
from batchyard.core.tasks.outcomes import CODES, FAILURE_EXIT_CODE

_requests = Counter("batchyard_api_requests", "Requests to the API server", ["verb", "kind", "code"])
_passes = Histogram(
    "batchyard_pass_seconds",
    "Seconds from a snapshot to its plan",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
)
_actions = Counter("batchyard_actions", "Actions planned", ["action"])
_quarantined = Counter("batchyard_quarantined", "Parts of plans left out because planning them failed")
_leader = Gauge("batchyard_leader", "1 while this replica holds the lease and acts, 0 while it stands by")

_POOL = ("namespace", "pool")
_LONG = (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400)
_tasks_finished = Counter("batchyard_tasks_finished", "Tasks that have ended for good", [*_POOL, "result", "code"])
_tasks_again = Counter("batchyard_tasks_again", "Tasks put back into the queue, by cause", [*_POOL, "cause"])
_task_run = Histogram("batchyard_task_run_seconds", "Attempts, from start to end", _POOL, buckets=_LONG)
_task_wait = Histogram(
    "batchyard_task_wait_seconds",
    "Tasks that depend on no other, from their creation to their first start",
    _POOL,
    buckets=_LONG,
)
_jobs_finished = Counter("batchyard_jobs_finished", "Jobs that are completed", [*_POOL, "result"])
_steps_finished = Counter(
    "batchyard_steps_finished", "Preparations and releases of a job on a node", [*_POOL, "step", "result"]
)
_step_run = Histogram(
    "batchyard_step_run_seconds", "Preparations and releases, from start to end", [*_POOL, "step"], buckets=_LONG
)
_OF_POOLS = (_tasks_finished, _tasks_again, _task_run, _task_wait, _jobs_finished, _steps_finished, _step_run)
_CAUSES: tuple[What, ...] = ("retry", "requeue", "recovery")
_STEPS: tuple[What, ...] = ("preparation", "release")
_OTHER = "Other"

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
        for counted in _OF_POOLS:
            counted.remove_by_labels({"namespace": namespace, "pool": pool})
    else:
        if (namespace, pool) not in _pools.seen:
            _begin(namespace, pool)
        _pools.seen[namespace, pool] = numbers


def _begin(*pool: str) -> None:
    """From zero, or a first failure would not be an increase."""
    for metric in (_task_run, _task_wait):
        metric.labels(*pool)
    for cause in _CAUSES:
        _tasks_again.labels(*pool, cause)
    for result, code in (("success", ""), ("failure", FAILURE_EXIT_CODE)):
        _tasks_finished.labels(*pool, result, code)
        _jobs_finished.labels(*pool, result)
        for step in _STEPS:
            _steps_finished.labels(*pool, step, result)
            _step_run.labels(*pool, step)


def count_happenings(namespace: str, pool: str, happenings: Iterable[Happening]) -> None:
    """What this process has itself written, so nothing is counted twice: a restart begins at zero, as counters may."""
    for each in happenings:
        _count((namespace, pool), each)


def _count(pool: tuple[str, str], each: Happening) -> None:
    match each.what:
        case "task":
            code = each.code if not each.code or each.code in CODES else _OTHER
            _tasks_finished.labels(*pool, each.result, code).inc(each.number)
        case "job":
            _jobs_finished.labels(*pool, each.result).inc()
        case "retry" | "requeue" | "recovery":
            _tasks_again.labels(*pool, each.what).inc()
        case "preparation" | "release":
            _steps_finished.labels(*pool, each.what, each.result).inc()
            if each.seconds is not None:
                _step_run.labels(*pool, each.what).observe(each.seconds)
        case "run" | "wait":
            if each.seconds is not None:
                (_task_run if each.what == "run" else _task_wait).labels(*pool).observe(each.seconds)


def serve(port: int) -> None:
    """Port 0: not at all."""
    if port:
        start_http_server(port)
