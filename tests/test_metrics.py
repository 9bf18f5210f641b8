from __future__ import annotations

from prometheus_client import REGISTRY

from batchyard import metrics


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


def test_requests_are_counted_by_verb_kind_and_code() -> None:
    labels = {"verb": "create", "kind": "Pod", "code": "201"}
    before = value("batchyard_api_requests_total", **labels)
    metrics.count_request("create", "Pod", 201)
    assert value("batchyard_api_requests_total", **labels) == before + 1


def test_pass_is_measured_and_its_actions_are_counted() -> None:
    passes, creates = value("batchyard_pass_seconds_count"), value("batchyard_actions_total", action="Create")
    metrics.count_pass(0.002, ["Create", "Create", "Patch"])
    assert value("batchyard_pass_seconds_count") == passes + 1
    assert value("batchyard_actions_total", action="Create") == creates + 2


def test_no_label_grows_with_what_users_make() -> None:
    """A series for each job or task would fill any monitoring system."""
    metrics.count_quarantined()
    ours = [metric for metric in REGISTRY.collect() if metric.name.startswith("batchyard_")]
    assert {metric.name for metric in ours} == {
        "batchyard_api_requests",
        "batchyard_pass_seconds",
        "batchyard_actions",
        "batchyard_quarantined",
    }
    labels = {label for metric in ours for sample in metric.samples for label in sample.labels}
    assert labels == {"verb", "kind", "code", "action", "le"}
