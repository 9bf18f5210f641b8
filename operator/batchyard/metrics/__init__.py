"""The operator's metrics; the only importer of prometheus_client. No label ever names a job, a task or a node."""

from __future__ import annotations

from prometheus_client import start_http_server

from batchyard.metrics.pools import count_happenings, limit_pools, tell_pool
from batchyard.metrics.process import (
    begin_watch,
    count_conflicts,
    count_pass,
    count_quarantined,
    count_request,
    count_watch_restart,
    lead,
    note_event,
    observe_lag,
    show_queue,
    show_watch,
)

__all__ = [
    "begin_watch",
    "count_conflicts",
    "count_happenings",
    "count_pass",
    "count_quarantined",
    "count_request",
    "count_watch_restart",
    "lead",
    "limit_pools",
    "note_event",
    "observe_lag",
    "serve",
    "show_queue",
    "show_watch",
    "tell_pool",
]


def serve(port: int) -> None:
    """Port 0: not at all."""
    if port:
        start_http_server(port)
