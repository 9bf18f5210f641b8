"""How a job leaves a node: nothing is begun before the step before it is a fact (design S2, S4, S5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from batchyard.api import names
from batchyard.core.actions import Action, Create, Delete, Patch
from batchyard.core.jobs import ending
from batchyard.core.jobs.records import Record
from batchyard.core.pods.job import RELEASE
from batchyard.core.pods.wiping import AGAIN_SECONDS
from batchyard.core.times import stamp
from tests import build

USED = {"jobPreparationTaskExecutionInfo": build.prepared(), "tasksStarted": True}
WIPED, WIPING = {"wipe": {"state": "completed"}}, {"wipe": {"state": "running"}}
WIPE_POD = names.wipe_pod("demo.node1-uid")


def words(actions: Any) -> list[str]:
    return [type(action).__name__ for action in actions]


def releases(record: Record, **pod: Any) -> list[Action]:
    pods = {"node1": build.pod(names.COMPONENT_RELEASE, **pod)} if pod else {}
    view = build.view(build.job(), release_pods=pods)
    return [*ending.plan_releases(view, build.pool(), {"node1": record}, now=build.T0 + 60)]


def test_a_release_begins_only_if_the_api_server_itself_sees_nothing_of_the_job_there() -> None:
    """S2, S19."""
    (create,) = releases(build.record(**USED))
    assert isinstance(create, Create)
    assert create.unless is not None
    assert (create.unless.node, set(create.unless.components)) == ("node1", {"task", "preparation"})


@pytest.mark.parametrize(
    ("pod", "then"),
    [
        ({"phase": "Succeeded", "containers": {RELEASE: build.ended(build.line(0))}}, "success"),
        ({"phase": "Failed", "containers": {RELEASE: build.ended(build.line(3), 3)}}, "failure"),
    ],
)
def test_what_a_release_came_to_is_recorded_before_its_pod_is_let_go(pod: dict[str, Any], then: str) -> None:
    patch = releases(build.record(**USED), **pod)[0]
    assert isinstance(patch, Patch)
    assert patch.body["status"]["jobReleaseTaskExecutionInfo"]["result"] == then
    recorded = build.record(**USED, jobReleaseTaskExecutionInfo={"state": "completed", "result": then})
    (gone,) = releases(recorded, **pod)
    assert isinstance(gone, Patch)
    assert gone.body["metadata"]["finalizers"] == []


def test_an_interrupted_release_leaves_no_record_and_makes_place_for_another() -> None:
    """3.8.9."""
    lost = {"phase": "Failed", "containers": {RELEASE: build.ended("", 137)}}
    (gone,) = releases(build.record(**USED), **lost)
    assert isinstance(gone, Patch)
    assert gone.body["metadata"]["finalizers"] == []


@pytest.mark.parametrize(("age", "does"), [(10, []), (AGAIN_SECONDS - 1, []), (AGAIN_SECONDS, ["Patch"])])
def test_a_release_that_its_node_refused_is_tried_again_after_a_pause(age: float, does: list[str]) -> None:
    pod = build.pod(names.COMPONENT_RELEASE, name="refused", phase="Failed", reason="Evicted")
    job = build.job(status={"state": "terminating"}, jobPreparationTask=build.PREPARATION, jobReleaseTask=build.RELEASE)
    view = build.view(job, nodes={"node1": build.job_node(**USED)}, release_pods={"node1": pod})
    plan = build.planned(build.snapshot(view, of=build.pool(), now=build.T0 + age, **build.serving("node1")))
    assert words(a for a in plan.actions if isinstance(a, Patch) and a.ref == pod.ref) == does
    assert ending.again_at(pod) == build.T0 + AGAIN_SECONDS
    assert does or plan.wake_at == ending.again_at(pod)


@pytest.mark.parametrize(
    ("given", "pods", "does"),
    [
        ({}, {}, ["Patch"]),
        (WIPING, {}, ["Create"]),
        (WIPING, {"wipe_pods": {"node1": build.pod(names.COMPONENT_WIPE, name=WIPE_POD, phase="Running")}}, []),
        (
            WIPING,
            {"wipe_pods": {"node1": build.pod(names.COMPONENT_WIPE, name=WIPE_POD, phase="Succeeded")}},
            ["Patch"],
        ),
        (
            WIPING,
            {"wipe_pods": {"node1": build.pod(names.COMPONENT_WIPE, name="earlier", phase="Succeeded")}},
            ["Create"],
        ),
        (WIPED, {}, ["Patch"]),
    ],
)
def test_a_record_is_closed_only_when_its_node_is_wiped(given: Any, pods: Any, does: list[str]) -> None:
    """S5."""
    view = build.view(build.job(), **pods)
    assert words(ending.plan_wipes(view, {"node1": build.record(**given)}, now=build.T0, rules=build.RULES)) == does


@pytest.mark.parametrize(
    ("given", "wanted", "does"),
    [
        ({"pool_uid": "another"}, (), ["Patch"]),
        ({"pool_uid": "another", **WIPING}, (), ["Create"]),
        ({"pool_uid": "another", **WIPED}, (), []),
        ({"pool_uid": "another", **WIPED}, ("node1",), ["Patch"]),
        ({"on": build.node(uid="another")}, (), ["Patch"]),
        ({"on": build.node(uid="another"), **WIPED}, (), []),
        ({"on": build.node(uid="another")}, ("node1",), ["Patch"]),
        ({"spec": {"jobUID": "another"}, **WIPED}, (), ["Patch"]),
        ({"spec": {"poolId": "left"}, "pool_uid": "another"}, ("node1",), []),
        ({}, ("node1",), []),
    ],
)
def test_a_stale_record_is_wiped_at_once_and_kept_until_its_place_is_needed(
    given: Any, wanted: Any, does: list[str]
) -> None:
    """3.9; one of a former pool is that pool's until it is wiped."""
    view = build.view(build.job())
    found = {"node1": build.record(**given)}
    assert words(ending.plan_stale(view, found, wanted, now=build.T0, rules=build.RULES)) == does


ANOTHER: dict[str, Any] = {"on": build.node(uid="another")}


@pytest.mark.parametrize(
    ("given", "phase", "does"),
    [
        (ANOTHER, "Running", ["Delete"]),
        ({**ANOTHER, **WIPING}, "Running", ["Delete"]),
        (ANOTHER, "Failed", ["Patch"]),
        ({**ANOTHER, **WIPING}, "Failed", ["Create"]),
        ({**ANOTHER, **WIPED}, "Failed", ["Patch"]),
    ],
)
def test_a_machine_that_came_in_place_of_another_is_wiped_before_the_record_is_closed(
    given: Any, phase: str, does: list[str]
) -> None:
    """S5: a Pod is bound to a name, and starts on whatever machine has it."""
    view = build.view(build.job(), task_pods=(build.pod(of=build.task(), phase=phase),))
    found = {"node1": build.record(**given)}
    assert words(ending.plan_stale(view, found, ("node1",), now=build.T0, rules=build.RULES)) == does


def test_a_machine_that_came_in_place_of_another_is_wiped_when_a_preparation_bound_to_its_name_is_gone() -> None:
    """S5."""
    view = build.view(build.job(), preparation_pods={"node1": build.pod(names.COMPONENT_PREPARATION)})
    assert words(ending.plan_stale(view, {"node1": build.record(**ANOTHER)}, (), now=build.T0, rules=build.RULES)) == []


@pytest.mark.parametrize(
    "bound",
    [
        {"task_pods": (build.pod(of=build.task(), phase="Running"),)},
        {"preparation_pods": {"node1": build.pod(names.COMPONENT_PREPARATION)}},
    ],
)
@pytest.mark.parametrize("closes", [{"spec": {"jobUID": "another"}}, {"meta": {"deletionTimestamp": stamp(build.T0)}}])
def test_a_record_of_a_machine_that_is_gone_is_kept_while_pods_are_bound_to_its_name(closes: Any, bound: Any) -> None:
    """S5: a machine that comes under the name starts them, and only the record says that it is to be wiped."""
    gone = {"node1": replace(build.record(**closes), node=None)}
    for parts, does in ((bound, []), ({}, ["Patch"])):
        view = build.view(build.job(), **parts)
        assert words(ending.plan_stale(view, gone, (), now=build.T0, rules=build.RULES)) == does


def test_a_wipe_that_has_begun_on_another_machine_of_the_name_is_ended() -> None:
    view = build.view(build.job(), wipe_pods={"node1": build.pod(names.COMPONENT_WIPE, name=WIPE_POD)})
    given: dict[str, Any] = {**ANOTHER, **WIPING}
    found = {"node1": build.record(**given)}
    assert [*ending.plan_tidy_wipe_pods(view, found)] == []
    assert words(ending.plan_stale(build.view(build.job()), found, ("node1",), now=build.T0, rules=build.RULES)) == [
        "Create"
    ]


@pytest.mark.parametrize(
    ("uid", "status", "occupied"),
    [
        ("node1-uid", {}, {"node1"}),
        ("node1-uid", WIPED, set()),
        ("another", {}, {"node1"}),
        ("another", WIPED, set()),
        (None, WIPING, set()),
    ],
)
def test_a_pool_waits_until_every_machine_that_is_there_is_wiped_of_its_jobs(
    uid: str | None, status: Any, occupied: set[str]
) -> None:
    """S5: a wipe of a job makes the pool's directory where it is gone."""
    view = build.view(build.job(), nodes={"node1": build.job_node(**status)})
    nodes = {"node1": build.node(uid=uid)} if uid else {}
    assert build.snapshot(view, of=build.pool(), nodes=nodes).occupied == occupied


def test_nothing_is_wiped_while_a_task_runs_there() -> None:
    pod = build.pod(of=build.task(), phase="Running")
    view = build.view(build.job(), task_pods=(pod,))
    (delete,) = ending.plan_stale(
        view, {"node1": build.record(pool_uid="another")}, (), now=build.T0, rules=build.RULES
    )
    assert isinstance(delete, Delete)
    assert delete.ref == pod.ref
