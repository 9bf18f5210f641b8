"""Metrics of pools and of what has happened in them. No label ever names a job or a task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from prometheus_client import REGISTRY, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from batchyard.core.happenings import Happening, What
from batchyard.core.numbers import Numbers, together
from batchyard.core.tasks.outcomes import CODES, FAILURE_EXIT_CODE
from batchyard.metrics.registry import counter, family, found_when_asked, histogram

Key = tuple[str, str]
_POOL = ("namespace", "pool")
_LONG = (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400)
_tasks_finished = counter(
    "batchyard_tasks_finished",
    "Tasks that have ended for good, each integer of a range for itself; code is Azure's of a failure, Other for any word of a user's own program",
    [*_POOL, "result", "code"],
)
_tasks_again = counter(
    "batchyard_tasks_again",
    "Tasks put back into the queue: retry (their own failure), requeue (a user's action), recovery (the cluster's fault)",
    [*_POOL, "cause"],
)
_task_run = histogram(
    "batchyard_task_run_seconds", "Attempts, from start to end by the node's clock", _POOL, buckets=_LONG
)
_task_wait = histogram(
    "batchyard_task_wait_seconds",
    "Tasks that depend on no other, from their creation to their first start, preparation of the node included",
    _POOL,
    buckets=_LONG,
)
_jobs_finished = counter(
    "batchyard_jobs_finished",
    "Jobs that are completed; failure is the condition Failed. A job deleted before its end has none",
    [*_POOL, "result"],
)
_steps_finished = counter(
    "batchyard_steps_finished",
    "Preparations and releases of a job on a node that have ended",
    [*_POOL, "step", "result"],
)
_step_run = histogram(
    "batchyard_step_run_seconds", "Preparations and releases, from start to end", [*_POOL, "step"], buckets=_LONG
)
_resizes = counter(
    "batchyard_pool_resizes",
    "Resizes that have ended; failure is one that took longer than resizeTimeout",
    [*_POOL, "result"],
)
_resize_seconds = histogram(
    "batchyard_pool_resize_seconds", "Resizes, from their begin to their end or their timeout", _POOL, buckets=_LONG
)
_OF_POOLS = (
    *(_tasks_finished, _tasks_again, _task_run, _task_wait, _jobs_finished),
    *(_steps_finished, _step_run, _resizes, _resize_seconds),
)
_CAUSES: tuple[What, ...] = ("retry", "requeue", "recovery")
_STEPS: tuple[What, ...] = ("preparation", "release")
_OTHER = "Other"
NO_POOL = "_other"
"""In place of names that jobs have for pools that nobody has made: anybody can invent as many as he likes."""

_TARGET = found_when_asked("batchyard_pool_target_nodes", "Nodes asked for", _POOL)
_NEEDS_HUMAN = found_when_asked(
    "batchyard_pool_needs_human",
    "The pool (kind pool) and its jobs (kind job) that do not go on by waiting, by the reason in their conditions",
    [*_POOL, "kind", "reason"],
)
_BY_WORD = {
    what: found_when_asked(f"batchyard_pool_{name}", meaning, [*_POOL, label])
    for what, name, label, meaning in (
        ("nodes", "nodes", "state", "Nodes of the pool by Azure's state"),
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
class _Pools(Collector):
    """What each pool's last pass saw. Read by the thread that serves, while the operator replaces whole entries."""

    seen: dict[Key, Numbers] = field(default_factory=dict)
    missing: dict[Key, Numbers] = field(default_factory=dict)
    """Of jobs whose pool is not there."""

    @override
    def collect(self) -> Iterator[GaugeMetricFamily]:
        pools = {**self.seen, **self._without_pool()}.items()
        target, needs_human = family(_TARGET), family(_NEEDS_HUMAN)
        for key, found in pools:
            target.add_metric(key, found.target_nodes)
            for (kind, reason), number in found.needs_human.items():
                needs_human.add_metric([*key, kind, reason], number)
        yield from (target, needs_human)
        for what, declared in _BY_WORD.items():
            of = family(declared)
            for key, found in pools:
                for word, number in getattr(found, what).items():
                    of.add_metric([*key, word], number)
            yield of

    def _without_pool(self) -> dict[Key, Numbers]:
        """By namespace."""
        found: defaultdict[str, list[Numbers]] = defaultdict(list)
        for (namespace, _), numbers in dict(self.missing).items():
            found[namespace].append(numbers)
        return {(namespace, NO_POOL): together(each) for namespace, each in found.items()}

    def label(self, key: Key) -> Key:
        return (key[0], NO_POOL) if key in self.missing else key


_pools = _Pools()
REGISTRY.register(_pools)


def tell_pool(namespace: str, pool: str, numbers: Numbers) -> None:
    """A pool of which nothing is left has no series any more."""
    key = (namespace, pool)
    place = _pools.seen if numbers.exists else _pools.missing
    if key not in place or numbers == Numbers():
        _forget(key)
    if numbers != Numbers():
        if key not in place:
            _begin(namespace, pool if numbers.exists else NO_POOL)
        place[key] = numbers


def _forget(key: Key) -> None:
    label = _pools.label(key)
    _pools.seen.pop(key, None)
    _pools.missing.pop(key, None)
    if label == key or all(namespace != key[0] for namespace, _ in _pools.missing):
        for counted in _OF_POOLS:
            counted.remove_by_labels(dict(zip(_POOL, label, strict=True)))


def _begin(*pool: str) -> None:
    """From zero, or a first failure would not be an increase."""
    for metric in (_task_run, _task_wait, _resize_seconds):
        metric.labels(*pool)
    for cause in _CAUSES:
        _tasks_again.labels(*pool, cause)
    for result, code in (("success", ""), ("failure", FAILURE_EXIT_CODE)):
        _tasks_finished.labels(*pool, result, code)
        _jobs_finished.labels(*pool, result)
        _resizes.labels(*pool, result)
        for step in _STEPS:
            _steps_finished.labels(*pool, step, result)
            _step_run.labels(*pool, step)


def count_happenings(namespace: str, pool: str, happenings: Iterable[Happening]) -> None:
    """What this process has itself written, so nothing is counted twice: a restart begins at zero, as counters may."""
    for each in happenings:
        _count(_pools.label((namespace, pool)), each)


def _count(pool: Key, each: Happening) -> None:
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
            _took(_step_run, (*pool, each.what), each)
        case "resize":
            _resizes.labels(*pool, each.result).inc()
            _took(_resize_seconds, pool, each)
        case "run":
            _took(_task_run, pool, each)
        case "wait":
            _took(_task_wait, pool, each)


def _took(of: Histogram, labels: Sequence[str], each: Happening) -> None:
    if each.seconds is not None:
        of.labels(*labels).observe(each.seconds)
