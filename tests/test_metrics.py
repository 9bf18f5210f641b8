from __future__ import annotations

from prometheus_client import REGISTRY

from batchyard import metrics
from batchyard.core.numbers import Numbers, numbers
from tests import build

WAITS = {"type": "Admitted", "status": "False", "reason": "PoolResizing", "lastTransitionTime": "2026-01-01T00:00:00Z"}
RUNNING = {"state": "active", "taskCounts": {"active": 1, "running": 2}, "conditions": [WAITS]}


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


def test_pool_is_told_in_numbers_until_nothing_of_it_is_left() -> None:
    labels = {"namespace": "team", "pool": "gone", "state": "idle"}
    metrics.tell_pool("team", "gone", Numbers(nodes={"idle": 2}, target_nodes=3, waiting={"PoolResizing": 1}))
    assert value("batchyard_pool_nodes", **labels) == 2
    assert value("batchyard_pool_target_nodes", namespace="team", pool="gone") == 3
    assert value("batchyard_pool_waiting_jobs", namespace="team", pool="gone", reason="PoolResizing") == 1
    metrics.tell_pool("team", "gone", Numbers())
    assert REGISTRY.get_sample_value("batchyard_pool_nodes", labels) is None


def test_no_label_grows_with_what_users_make() -> None:
    """A series for each job or task would fill any monitoring system."""
    metrics.count_quarantined()
    many = [build.view(build.job(f"job{number}", status=RUNNING)) for number in range(1000)]
    metrics.tell_pool("team", "sample", numbers(build.snapshot(*many, of=build.pool())))
    ours = [metric for metric in REGISTRY.collect() if metric.name.startswith("batchyard_")]
    assert {metric.name for metric in ours} == {
        "batchyard_api_requests",
        "batchyard_pass_seconds",
        "batchyard_actions",
        "batchyard_quarantined",
        "batchyard_leader",
        "batchyard_pool_nodes",
        "batchyard_pool_target_nodes",
        "batchyard_pool_jobs",
        "batchyard_pool_tasks",
        "batchyard_pool_waiting_jobs",
    }
    samples = [sample for metric in ours for sample in metric.samples]
    assert {label for sample in samples for label in sample.labels} == {
        *("verb", "kind", "code", "action", "le"),
        *("namespace", "pool", "state", "reason"),
    }
    assert len([sample for sample in samples if sample.labels.get("pool") == "sample"]) < 10
