"""Metrics of the operator itself: whether it acts, how fast it plans, what the API server answers. No label names anything of a user."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence

from batchyard import __version__
from batchyard.metrics.registry import counter, gauge, histogram

_leader = gauge("batchyard_leader", "1 while this replica holds the lease and acts, 0 while it stands by")
_build = gauge("batchyard_build_info", "Always 1; the labels say what is running", ["version", "python"])
_build.labels(__version__, platform.python_version()).set(1)

_requests = counter(
    "batchyard_api_requests", "Requests to the API server; code 0 is no answer", ["verb", "kind", "code"]
)
_request_seconds = histogram(
    "batchyard_api_request_seconds",
    "Seconds until the API server has answered, watches left out",
    ["verb", "kind"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30),
)
_conflicts = counter(
    "batchyard_write_conflicts", "Writes refused because the object has changed; it is read and planned for anew"
)
_watch_restarts = counter(
    "batchyard_watch_restarts", "Watches that have broken off, or could not begin, and are begun again", ["kind"]
)

_passes = histogram(
    "batchyard_pass_seconds",
    "Seconds from a snapshot of a pool to its plan",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_actions = counter("batchyard_actions", "Writes planned", ["action"])
_quarantined = counter("batchyard_quarantined", "Parts of plans left out because planning them failed")
_lag = histogram(
    "batchyard_event_loop_lag_seconds",
    "Seconds by which the event loop is late, measured twice a second",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_depth = gauge("batchyard_workqueue_depth", "Pools with news that no pass has looked at yet")
_oldest = gauge(
    "batchyard_workqueue_oldest_seconds",
    "How long the pool that waits longest for a pass has waited; 0 when none waits",
)
_last_event = gauge(
    "batchyard_watch_last_event_timestamp_seconds",
    "When the API server last said anything about a kind: an event, a bookmark of a watch (each minute; BatchTask, BatchJobNode, Pod) or a whole list (every five minutes; the others)",
    ["kind"],
)


def show_queue(ages: Callable[[], Sequence[float]]) -> None:
    """`ages` are seconds for which pools have waited; it is asked from the thread that serves."""
    _depth.set_function(lambda: len(ages()))
    _oldest.set_function(lambda: max(ages(), default=0))


def show_watch(kind: str, last_event: Callable[[], float]) -> None:
    """In epoch seconds; it is asked from the thread that serves."""
    _last_event.labels(kind).set_function(last_event)


def note_event(kind: str) -> None:
    """Just now."""
    _last_event.labels(kind).set_to_current_time()


def lead() -> None:
    _leader.set(1)


def count_request(verb: str, kind: str, code: int, seconds: float | None) -> None:
    """A watch takes no time of its own: it lasts as long as it may."""
    _requests.labels(verb, kind, str(code)).inc()
    if seconds is not None:
        _request_seconds.labels(verb, kind).observe(seconds)


def count_conflicts(number: int) -> None:
    _conflicts.inc(number)


def begin_watch(kind: str) -> None:
    """From zero, or the first restart would not be an increase."""
    _watch_restarts.labels(kind)


def count_watch_restart(kind: str) -> None:
    _watch_restarts.labels(kind).inc()


def count_pass(seconds: float, actions: list[str]) -> None:
    _passes.observe(seconds)
    for action in actions:
        _actions.labels(action).inc()


def count_quarantined() -> None:
    _quarantined.inc()


def observe_lag(seconds: float) -> None:
    _lag.observe(seconds)
