"""Pods for which a node has slots but no room: told, given back, tried elsewhere; no counter moves."""

from __future__ import annotations

from typing import Any

from batchyard.core.actions import Action, Create, Delete, Patch
from batchyard.core.facts import ContainerFacts, PodFacts, TaskFacts
from batchyard.core.tasks import unplaceable
from batchyard.core.tasks.slow_starts import given_up_at
from tests import build

TASK = build.task("a")
NO_CPU = "0/2 nodes are available: 1 Insufficient cpu."


def pod(age: float, **facts: Any) -> PodFacts:
    return build.pod(of=TASK, bound=False, unplaceable=NO_CPU, created=build.T0 + 60 - age, **facts)


def about(task: TaskFacts, *pods: PodFacts, now: float = build.T0 + 60) -> list[Action]:
    view = build.view(build.job(), tasks=build.tasks(task), task_pods=pods, nodes={n: build.job_node(n, tasksStarted=True) for n in ("node1", "node2")})  # fmt: skip
    plan = build.planned(build.snapshot(view, of=build.pool(), now=now, **build.serving("node1", "node2")))
    refs = {task.ref.uid, *(pod.ref.uid for pod in pods)}
    return [a for a in plan.actions if (isinstance(a, Patch | Delete) and a.ref.uid in refs) or isinstance(a, Create)]


def test_the_user_is_told_in_the_schedulers_words() -> None:
    (patch,) = about(TASK, pod(unplaceable.TELL_SECONDS))
    assert isinstance(patch, Patch)
    condition, *_ = patch.body["status"]["conditions"]
    assert (condition["type"], condition["status"], condition["reason"]) == ("Placed", "False", "Unschedulable")
    assert NO_CPU in condition["message"]


def test_a_pod_that_waits_a_moment_only_is_not_written_about() -> None:
    assert about(TASK, pod(unplaceable.TELL_SECONDS - 1)) == []


def test_after_a_minute_the_pod_is_taken_away() -> None:
    (delete,) = about(TASK, pod(unplaceable.GIVE_UP_SECONDS))
    assert isinstance(delete, Delete)


def test_the_slot_is_given_back_and_no_counter_moves() -> None:
    (patch,) = about(TASK, pod(unplaceable.GIVE_UP_SECONDS, deleting_since=build.T0))
    assert isinstance(patch, Patch)
    status = patch.body["status"]
    assert (status["state"], status["attempt"], status["placementFailure"]["nodeId"]) == ("active", 1, "node1")
    assert "recoveryCount" not in status
    assert not {"retryCount", "requeueCount"} & set(status["executionInfo"])


def test_a_pod_that_came_to_a_node_after_all_is_judged_like_any_other() -> None:
    ended = build.pod(of=TASK, phase="Succeeded", containers={"task": build.ended(build.line(0))})
    (patch,) = about(TASK, ended)
    assert isinstance(patch, Patch)
    assert patch.body["status"]["state"] == "completed"


def test_the_next_try_is_elsewhere_for_some_minutes_and_anywhere_after_that() -> None:
    task = build.task("a", avoids="node1", avoids_since=build.T0)
    for now, node in ((build.T0 + 60, "node2"), (build.T0 + unplaceable.AVOID_SECONDS, "node1")):
        (create,) = about(task, now=now)
        assert isinstance(create, Create)
        assert f"'{node}'" in str(create.manifest["spec"]["affinity"])


def test_what_was_said_is_taken_back_when_the_task_has_run() -> None:
    said = {
        "type": "Placed",
        "status": "False",
        "reason": "Unschedulable",
        "lastTransitionTime": "2027-01-15T08:00:00Z",
    }
    task = build.task("a", conditions=(said,))
    (patch,) = about(task, build.pod(of=task, phase="Succeeded", containers={"task": build.ended(build.line(0))}))
    assert isinstance(patch, Patch)
    (condition,) = patch.body["status"]["conditions"]
    assert (condition["status"], patch.body["status"]["placementFailure"]) == ("True", None)


def test_the_pass_is_woken_when_time_alone_changes_the_answer() -> None:
    waiting = pod(0)
    assert [*unplaceable.moments(waiting)] == [waiting.created + 5, waiting.created + 60]


def test_a_container_that_never_comes_up_gives_its_slot_back_after_half_an_hour() -> None:
    creating = {"task": ContainerFacts(waiting_reason="ContainerCreating")}
    stuck = build.pod(of=TASK, containers=creating)
    assert given_up_at(stuck) == build.T0 + 1800
    (delete,) = about(TASK, stuck, now=build.T0 + 1800)
    assert isinstance(delete, Delete)
    assert given_up_at(build.pod(of=TASK, phase="Running", containers=creating)) is None
