from __future__ import annotations

import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY

from batchyard import metrics
from batchyard.core.happenings import Happening, What
from batchyard.core.numbers import Numbers, numbers
from batchyard.metrics import page
from batchyard.metrics.crowd import Crowd
from batchyard.metrics.registry import DECLARED
from tests import build

ROOT = Path(__file__).parents[1]

CAUSES: tuple[What, ...] = ("retry", "requeue", "recovery")
WAITS = {"type": "Admitted", "status": "False", "reason": "ExceedsPool", "lastTransitionTime": "2026-01-01T00:00:00Z"}
RUNNING = {"state": "active", "taskCounts": {"active": 1, "running": 2}, "conditions": [WAITS]}
NODES = {"a": build.member("a", status={"state": "idle"})}


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
    Happening("resize", "success", seconds=40),
    Happening("resize", "failure", seconds=900),
)


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


def test_requests_are_counted_by_verb_kind_and_code() -> None:
    labels = {"verb": "create", "kind": "Pod", "code": "201"}
    before = value("batchyard_api_requests_total", **labels)
    seconds = value("batchyard_api_request_seconds_sum", verb="create", kind="Pod")
    metrics.count_request("create", "Pod", 201, 0.25)
    assert value("batchyard_api_requests_total", **labels) == before + 1
    assert value("batchyard_api_request_seconds_sum", verb="create", kind="Pod") == seconds + 0.25


def test_a_watch_counts_and_takes_no_time() -> None:
    metrics.count_request("watch", "Pod", 200, None)
    assert value("batchyard_api_requests_total", verb="watch", kind="Pod", code="200") > 0
    assert REGISTRY.get_sample_value("batchyard_api_request_seconds_count", {"verb": "watch", "kind": "Pod"}) is None


def test_watches_that_begin_again_are_counted_from_zero() -> None:
    metrics.begin_watch("Probe")
    assert REGISTRY.get_sample_value("batchyard_watch_restarts_total", {"kind": "Probe"}) == 0
    metrics.count_watch_restart("Probe")
    assert value("batchyard_watch_restarts_total", kind="Probe") == 1


def test_queue_is_shown_as_it_is_when_somebody_asks() -> None:
    ages = [3.0, 7.0]
    metrics.show_queue(lambda: ages)
    assert (value("batchyard_workqueue_depth"), value("batchyard_workqueue_oldest_seconds")) == (2, 7)
    ages.clear()
    assert (value("batchyard_workqueue_depth"), value("batchyard_workqueue_oldest_seconds")) == (0, 0)


def test_last_event_of_a_watch_is_shown_as_a_moment() -> None:
    metrics.show_watch("Probe", lambda: 1000)
    before = time.time()
    metrics.note_event("Other")
    shown, noted = (value("batchyard_watch_last_event_timestamp_seconds", kind=kind) for kind in ("Probe", "Other"))
    assert shown == 1000
    assert before <= noted <= time.time()


def test_the_version_that_runs_is_that_of_package_and_chart() -> None:
    found = [s.labels["version"] for m in REGISTRY.collect() for s in m.samples if s.name == "batchyard_build_info"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    chart = yaml.safe_load((ROOT / "charts/batchyard/Chart.yaml").read_text())
    assert found == [project["version"]] == [chart["appVersion"]]


def test_pass_is_measured_and_its_actions_are_counted() -> None:
    passes, creates = value("batchyard_pass_seconds_count"), value("batchyard_actions_total", action="Create")
    metrics.count_pass(0.002, ["Create", "Create", "Patch"])
    assert value("batchyard_pass_seconds_count") == passes + 1
    assert value("batchyard_actions_total", action="Create") == creates + 2


def test_pool_is_told_in_numbers_until_nothing_of_it_is_left() -> None:
    labels = {"namespace": "team", "pool": "gone", "capacity": "dedicated", "state": "idle"}
    needs_human = {("job", "ExceedsPool"): 2}
    told = Numbers(
        exists=True,
        nodes={("dedicated", "idle"): 2},
        target_nodes={"dedicated": 3},
        waiting={"PoolResizing": 1},
        needs_human=needs_human,
    )
    metrics.tell_pool("team", "gone", told)
    of = {"namespace": "team", "pool": "gone", "kind": "job", "reason": "ExceedsPool"}
    assert value("batchyard_pool_needs_human", **of) == 2
    assert value("batchyard_pool_nodes", **labels) == 2
    assert value("batchyard_pool_target_nodes", namespace="team", pool="gone", capacity="dedicated") == 3
    assert value("batchyard_pool_waiting_jobs", namespace="team", pool="gone", reason="PoolResizing") == 1
    metrics.tell_pool("team", "gone", Numbers())
    assert REGISTRY.get_sample_value("batchyard_pool_nodes", labels) is None


def test_pools_that_jobs_invent_are_one_in_their_namespace() -> None:
    """Else whoever may make jobs could fill any monitoring system."""
    for number in range(100):
        job = build.view(build.job("job", status=RUNNING))
        metrics.tell_pool("guests", f"invented{number}", numbers(build.snapshot(job)))
        metrics.count_happenings("guests", f"invented{number}", [Happening("job", "failure")])
    of = {"namespace": "guests", "pool": "_other"}
    assert value("batchyard_pool_tasks", **of, state="running") == 200
    assert value("batchyard_jobs_finished_total", **of, result="failure") == 100
    assert [
        s for number in range(100) for s in series(f"invented{number}") if ("pool", f"invented{number}") in s[1]
    ] == []
    for number in range(100):
        metrics.tell_pool("guests", f"invented{number}", Numbers())
    assert [s for s in series("_other") if ("namespace", "guests") in s[1]] == []


def test_a_pool_that_is_made_after_its_jobs_has_series_of_its_own_and_leaves_them_last() -> None:
    job = build.view(build.job("job", status=RUNNING))
    key, made = ("late", "late"), build.snapshot(job, of=build.pool(), members=NODES)
    for seen, there, gone in ((build.snapshot(job), "_other", "late"), (made, "late", "_other")):
        metrics.tell_pool(*key, numbers(seen))
        assert value("batchyard_pool_tasks", namespace="late", pool=there, state="running") == 2
        assert value("batchyard_pool_tasks", namespace="late", pool=gone, state="running") == 0
        assert [s for s in series(gone) if ("namespace", "late") in s[1] and ("pool", gone) in s[1]] == []


@pytest.fixture
def room_for_two() -> Iterator[None]:
    """Beside the pools of other tests."""
    samples = [s for metric in REGISTRY.collect() for s in metric.samples if s.name == "batchyard_pool_target_nodes"]
    named = {(s.labels["namespace"], s.labels["pool"]) for s in samples if s.labels["pool"] != "_other"}
    metrics.limit_pools(len(named) + 2)
    yield
    metrics.limit_pools(500)


def named(namespace: str) -> set[str]:
    """Pools that have series."""
    samples = [sample for metric in REGISTRY.collect() for sample in metric.samples]
    return {s.labels["pool"] for s in samples if s.labels.get("namespace") == namespace}


@pytest.mark.usefixtures("room_for_two")
def test_pools_beyond_the_limit_share_the_series_of_their_namespace() -> None:
    names = [f"real{number}" for number in range(5)]
    for name in names:
        metrics.tell_pool("many", name, Numbers(exists=True, target_nodes={"dedicated": 3}, slots={"free": 2}))
        metrics.count_happenings("many", name, [Happening("task", "success")])
    assert named("many") == {"real0", "real1", "_other"}
    of = {"namespace": "many", "pool": "_other"}
    assert value("batchyard_pool_target_nodes", **of, capacity="dedicated") == 3 * 3
    assert value("batchyard_pool_task_slots", **of, use="free") == 3 * 2
    assert value("batchyard_tasks_finished_total", **of, result="success", code="") == 3

    metrics.tell_pool("many", "real0", Numbers())
    metrics.tell_pool("many", "real4", Numbers(exists=True))
    assert named("many") == {"real1", "real4", "_other"}, "there is room again"
    for name in names:
        metrics.tell_pool("many", name, Numbers())
    assert named("many") == set()


def test_no_number_of_pools_and_namespaces_makes_more_names_than_twice_the_limit_and_one() -> None:
    crowd = Crowd(3)
    labels: list[tuple[str, str]] = []
    for namespace in range(10):
        for pool in range(10):
            labels.append(crowd.label((f"team{namespace}", f"pool{pool}"), exists=bool(pool)))
            crowd.enter(labels[-1])
    assert len({*labels}) == 7
    assert ("_other", "_other") in labels
    for label in labels:
        crowd.leave(label)
    assert crowd == Crowd(3)


def series(pool: str) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    """Every series of ours but those of other pools."""
    samples = [sample for metric in REGISTRY.collect() for sample in metric.samples]
    ours = [each for each in samples if each.name.startswith("batchyard_")]
    return {(s.name, (*s.labels.items(),)) for s in ours if s.labels.get("pool", pool) == pool}


def work(jobs: int) -> None:
    """So many jobs in a pool, each with a word of a user's own in its end."""
    many = [build.view(build.job(f"job{number}", status=RUNNING)) for number in range(jobs)]
    metrics.tell_pool("team", "sample", numbers(build.snapshot(*many, of=build.pool(), members=NODES)))
    metrics.count_happenings("team", "sample", HAPPENINGS)
    for number in range(jobs):
        metrics.count_happenings("team", "sample", [Happening("task", "failure", f"word{number}")])


def test_ten_thousand_jobs_give_no_more_series_than_one() -> None:
    """A series for each job or task would fill any monitoring system."""
    work(1)
    one = series("sample")
    work(10_000)
    assert series("sample") == one
    assert value("batchyard_pool_waiting_tasks", namespace="team", pool="sample", reason="ExceedsPool") == 10_000
    assert len([labels for _, labels in one if ("pool", "sample") in labels]) < 170


def test_no_label_names_what_users_make_but_namespace_and_pool() -> None:
    assert {label for each in DECLARED.values() for label in each.labels} == {
        *("namespace", "pool", "capacity", "state", "use", "reason", "kind", "result", "code", "cause", "step"),
        *("verb", "action", "version", "python"),
    }


def test_what_is_served_is_what_is_declared() -> None:
    work(1)
    metrics.count_request("create", "Pod", 201, 0.1)
    metrics.count_pass(0.1, ["Create"])
    metrics.begin_watch("Pod")
    metrics.note_event("Pod")
    served = [metric for metric in REGISTRY.collect() if metric.name.startswith("batchyard_")]
    assert {each.name: each.type for each in served} == {n.removesuffix("_total"): d.type for n, d in DECLARED.items()}
    for metric in served:
        name = f"{metric.name}_total" if metric.type == "counter" else metric.name
        labels = {label for sample in metric.samples for label in sample.labels} - {"le"}
        assert (labels, metric.documentation) == ({*DECLARED[name].labels}, DECLARED[name].meaning)


def test_page_is_what_is_declared() -> None:
    assert page.FILE.read_text() == page.text(), "run `make crds`"
    assert [name for name in DECLARED if f"| `{name}` |" not in page.text()] == []


def test_what_has_happened_in_a_pool_is_counted() -> None:
    of = {"namespace": "team", "pool": "counted"}
    metrics.tell_pool("team", "counted", Numbers(exists=True))
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
    assert [value("batchyard_pool_resizes_total", **of, result=each) for each in ("success", "failure")] == [1, 1]
    assert value("batchyard_pool_resize_seconds_sum", **of) == 940


def test_codes_that_only_a_users_program_says_are_one_series() -> None:
    metrics.tell_pool("team", "worded", Numbers(exists=True))
    metrics.count_happenings("team", "worded", HAPPENINGS)
    assert value("batchyard_tasks_finished_total", namespace="team", pool="worded", result="failure", code="Other") == 2


def test_counters_of_a_pool_begin_at_zero_and_go_with_it() -> None:
    """The first failure is an increase, and a pool that is gone is no series."""
    of = {"namespace": "team", "pool": "new"}
    failed = ("batchyard_tasks_finished_total", {**of, "result": "failure", "code": "FailureExitCode"})
    metrics.tell_pool("team", "new", Numbers(exists=True))
    assert REGISTRY.get_sample_value(*failed) == 0
    metrics.count_happenings("team", "new", HAPPENINGS)
    metrics.tell_pool("team", "new", Numbers(exists=True, target_nodes={"dedicated": 2}))
    assert value("batchyard_task_run_seconds_count", **of) == 1
    metrics.tell_pool("team", "new", Numbers())
    assert not [s for metric in REGISTRY.collect() for s in metric.samples if s.labels.get("pool") == "new"]
