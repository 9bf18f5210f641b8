from __future__ import annotations

from prometheus_client import REGISTRY

from batchyard import metrics
from batchyard.core.happenings import Happening, What
from batchyard.core.numbers import Numbers, numbers
from tests import build

CAUSES: tuple[What, ...] = ("retry", "requeue", "recovery")
WAITS = {"type": "Admitted", "status": "False", "reason": "PoolResizing", "lastTransitionTime": "2026-01-01T00:00:00Z"}
RUNNING = {"state": "active", "taskCounts": {"active": 1, "running": 2}, "conditions": [WAITS]}


HAPPENINGS = (
    Happening("task", "success"),
    Happening("task", "failure", "TaskEnded", number=40),
    Happening("task", "failure", "a word of the user's own program"),
    Happening("task", "failure", "another one"),
    *(Happening(cause) for cause in CAUSES),
    Happening("run", seconds=7),
    Happening("wait", seconds=70),
    Happening("wait"),
    Happening("job", "success"),
    Happening("preparation", "success", seconds=3),
    Happening("release", "failure", "ContainerInvalidImage"),
)


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
    metrics.count_happenings("team", "sample", HAPPENINGS)
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
        "batchyard_tasks_finished",
        "batchyard_tasks_again",
        "batchyard_task_run_seconds",
        "batchyard_task_wait_seconds",
        "batchyard_jobs_finished",
        "batchyard_steps_finished",
        "batchyard_step_run_seconds",
    }
    samples = [sample for metric in ours for sample in metric.samples]
    assert {label for sample in samples for label in sample.labels} == {
        *("verb", "kind", "code", "action", "le"),
        *("namespace", "pool", "state", "reason", "result", "code", "cause", "step"),
    }
    assert len([sample for sample in samples if sample.labels.get("pool") == "sample"]) < 120


def test_what_has_happened_in_a_pool_is_counted() -> None:
    of = {"namespace": "team", "pool": "counted"}
    metrics.count_happenings("team", "counted", HAPPENINGS)
    assert value("batchyard_tasks_finished_total", **of, result="success", code="") == 1
    assert value("batchyard_tasks_finished_total", **of, result="failure", code="TaskEnded") == 40
    assert [value("batchyard_tasks_again_total", **of, cause=cause) for cause in CAUSES] == [1, 1, 1]
    assert value("batchyard_jobs_finished_total", **of, result="success") == 1
    assert (value("batchyard_task_run_seconds_count", **of), value("batchyard_task_run_seconds_sum", **of)) == (1, 7)
    assert (value("batchyard_task_wait_seconds_count", **of), value("batchyard_task_wait_seconds_sum", **of)) == (1, 70)
    assert value("batchyard_steps_finished_total", **of, step="release", result="failure") == 1
    assert value("batchyard_step_run_seconds_sum", **of, step="preparation") == 3
    assert value("batchyard_step_run_seconds_count", **of, step="release") == 0


def test_codes_that_only_a_users_program_says_are_one_series() -> None:
    metrics.count_happenings("team", "worded", HAPPENINGS)
    assert value("batchyard_tasks_finished_total", namespace="team", pool="worded", result="failure", code="Other") == 2


def test_counters_of_a_pool_begin_at_zero_and_go_with_it() -> None:
    """The first failure is an increase, and a pool that is gone is no series."""
    of = {"namespace": "team", "pool": "new"}
    failed = ("batchyard_tasks_finished_total", {**of, "result": "failure", "code": "FailureExitCode"})
    metrics.tell_pool("team", "new", Numbers(target_nodes=1))
    assert REGISTRY.get_sample_value(*failed) == 0
    metrics.count_happenings("team", "new", HAPPENINGS)
    metrics.tell_pool("team", "new", Numbers(target_nodes=2))
    assert value("batchyard_task_run_seconds_count", **of) == 1
    metrics.tell_pool("team", "new", Numbers())
    assert not [s for metric in REGISTRY.collect() for s in metric.samples if s.labels.get("pool") == "new"]
