"""The operator's metrics; the only importer of prometheus_client. No label ever names a job or a task."""

from __future__ import annotations

from prometheus_client import Counter, Histogram, start_http_server

_requests = Counter("batchyard_api_requests", "Requests to the API server", ["verb", "kind", "code"])
_passes = Histogram(
    "batchyard_pass_seconds",
    "Seconds from a snapshot to its plan",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
)
_actions = Counter("batchyard_actions", "Actions planned", ["action"])
_quarantined = Counter("batchyard_quarantined", "Parts of plans left out because planning them failed")


def count_request(verb: str, kind: str, code: int) -> None:
    _requests.labels(verb, kind, str(code)).inc()


def count_pass(seconds: float, actions: list[str]) -> None:
    _passes.observe(seconds)
    for action in actions:
        _actions.labels(action).inc()


def count_quarantined() -> None:
    _quarantined.inc()


def serve(port: int) -> None:
    start_http_server(port)
