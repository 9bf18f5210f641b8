"""Metrics of what has happened in pools, and how many pools have series of their own. No label ever names a job or a task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prometheus_client import REGISTRY, Histogram

from batchyard.core.happenings import Happening, What
from batchyard.core.numbers import NOTHING, Numbers
from batchyard.core.tasks.outcomes import CODES, FAILURE_EXIT_CODE
from batchyard.metrics.crowd import ALL_OTHERS, Crowd, Key
from batchyard.metrics.registry import counter, histogram
from batchyard.metrics.seen import POOL, Seen

_LONG = (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400)
_tasks_finished = counter(
    "batchyard_tasks_finished",
    "Tasks that have ended for good, each integer of a range for itself; code is Azure's of a failure, Other for any word of a user's own program",
    [*POOL, "result", "code"],
)
_tasks_again = counter(
    "batchyard_tasks_again",
    "Tasks put back into the queue: retry (their own failure), requeue (a user's action), recovery (the cluster's fault)",
    [*POOL, "cause"],
)
_task_run = histogram(
    "batchyard_task_run_seconds", "Attempts, from start to end by the node's clock", POOL, buckets=_LONG
)
_task_wait = histogram(
    "batchyard_task_wait_seconds",
    "Tasks that depend on no other, from their creation to their first start, preparation of the node included",
    POOL,
    buckets=_LONG,
)
_jobs_finished = counter(
    "batchyard_jobs_finished",
    "Jobs that are completed; failure is the condition Failed. A job deleted before its end has none",
    [*POOL, "result"],
)
_steps_finished = counter(
    "batchyard_steps_finished",
    "Preparations and releases of a job on a node that have ended",
    [*POOL, "step", "result"],
)
_step_run = histogram(
    "batchyard_step_run_seconds", "Preparations and releases, from start to end", [*POOL, "step"], buckets=_LONG
)
_resizes = counter(
    "batchyard_pool_resizes",
    "Resizes that have ended; failure is one that took longer than resizeTimeout",
    [*POOL, "result"],
)
_resize_seconds = histogram(
    "batchyard_pool_resize_seconds", "Resizes, from their begin to their end or their timeout", POOL, buckets=_LONG
)
_OF_POOLS = (
    *(_tasks_finished, _tasks_again, _task_run, _task_wait, _jobs_finished),
    *(_steps_finished, _step_run, _resizes, _resize_seconds),
)
_CAUSES: tuple[What, ...] = ("retry", "requeue", "recovery")
_STEPS: tuple[What, ...] = ("preparation", "release")
_OTHER = "Other"
_crowd = Crowd(500)
_seen = Seen()
REGISTRY.register(_seen)


def limit_pools(most: int) -> None:
    """So many have series of their own; those that have them already keep them."""
    _crowd.most = most


def tell_pool(namespace: str, pool: str, numbers: Numbers) -> None:
    """A pool of which nothing is left has no series any more."""
    key, there = (namespace, pool), numbers != NOTHING
    before, _ = _seen.pools.get(key, (None, None))
    label = _crowd.label(key, exists=numbers.exists) if there else None
    if label is not None:
        _seen.pools[key] = (label, numbers)
    else:
        _seen.pools.pop(key, None)
    if label != before:
        _move(before, label)


def _move(before: Key | None, label: Key | None) -> None:
    if before is not None and _crowd.leave(before):
        for counted in _OF_POOLS:
            counted.remove_by_labels(dict(zip(POOL, before, strict=True)))
    if label is not None and _crowd.enter(label):
        _begin(*label)


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
    label, _ = _seen.pools.get((namespace, pool), (ALL_OTHERS, None))
    for each in happenings:
        _count(label, each)


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
