"""Why a job waits: the reasons in their order, each a sentence with numbers and the next step."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.core.actions import Patch
from batchyard.core.facts import PodFacts, TaskFacts
from batchyard.core.jobs.waiting import REASONS, Demand, Seats, why
from tests import build

SEATS: dict[str, Any] = {"pool": "sample", "target": 2, "nodes": 2, "serving": 2, "slots_per_node": 4, "fitting": 0}
ALL = Demand(3, 3, 1, 8, 8, 2, 5, ("no image",), ("no cpu",), ("forbidden",))


@pytest.mark.parametrize(
    ("reason", "seats", "demand", "says"),
    [
        ("ExceedsPool", {}, {"largest": 8}, ["requires 8 slots", "has 4", "lower requiredSlots"]),
        ("NotPermitted", {}, {"troubles": ["pods is forbidden"]}, ["pods is forbidden", "grant"]),
        ("DependencyFailed", {}, {"blocked": 2, "hopeless": 2}, ["2 of 3 tasks", "reactivate"]),
        ("WaitingForDependency", {}, {"blocked": 3}, ["3 tasks waiting", "add the tasks that are missing"]),
        ("PreparationFailing", {"excluded": 2}, {}, ["2 of 2 serving nodes", "bjnode"]),
        ("ImagePulling", {}, {"images": ["node node1: ErrImagePull"]}, ["node1: ErrImagePull", "correct the image"]),
        ("Unschedulable", {}, {"unplaceable": ["node node1: Insufficient cpu"]}, ["1 Pod", "Insufficient cpu", "lower"]),
        ("PoolResizing", {"serving": 1, "starting": 1}, {}, ["1 of 2 nodes", "1 starting", "wait"]),
        ("PoolResizing", {"target": 0, "serving": 0}, {}, ["targetDedicatedNodes=0", "raise it"]),
        ("PoolResizing", {"nodes": 0, "serving": 0}, {}, ["no Node", "wants 2", "label Nodes"]),
        ("PoolAtMaximum", {}, {"smallest": 2}, ["needs 2 slots", "0 of 2 serving", "target of 2 nodes", "raise target"]),
        ("WaitingForSlot", {}, {"at_limit": 5}, ["maxParallelTasks=5", "raise it"]),
        ("WaitingForSlot", {"preparing": 1}, {}, ["3 tasks waiting", "1 preparing", "wait"]),
        ("LowerPriority", {}, {"outranked_by": 7}, ["7 tasks of jobs with higher priority", "raise this job"]),
        ("PendingEvaluation", {"fitting": 2}, {}, ["3 tasks waiting", "2 nodes", "placed next"]),
    ],
)  # fmt: skip
def test_each_reason_says_numbers_and_the_next_step(
    reason: str, seats: dict[str, Any], demand: dict[str, Any], says: list[str]
) -> None:
    found = why(Seats(**{**SEATS, **seats}), Demand(**{"waiting": 3, **demand}))
    assert found.reason == reason
    assert [each for each in says if each not in found.message] == []


def test_of_several_reasons_the_most_important_is_told() -> None:
    """ux: misconfiguration before waiting, what needs a person before what resolves itself."""
    assert why(Seats(**{**SEATS, "excluded": 2, "starting": 1}), ALL).reason == "ExceedsPool"
    assert [reason for reason, _ in REASONS[:5]] == [
        "ExceedsPool", "NotPermitted", "DependencyFailed", "WaitingForDependency", "PreparationFailing",
    ]  # fmt: skip


def admitted(*tasks: Any, pods: tuple[PodFacts, ...] = (), others: tuple[Any, ...] = (), **job: Any) -> tuple[str, str]:
    """Reason and message of the job's condition, on a pool of one node with one slot."""
    of = build.job(**job)
    view = build.view(of, tasks=build.tasks(*tasks), task_pods=pods)
    pool = build.pool(targetDedicatedNodes=1)
    plan = build.planned(build.snapshot(view, *others, of=pool, **build.serving("node1")))
    (patch,) = [a for a in plan.actions if isinstance(a, Patch) and a.ref.kind == "BatchJob" and a.ref.name == "demo"]
    (found,) = [c for c in patch.body["status"]["conditions"] if c["type"] == "Admitted"]
    return found["reason"], found["message"]


def running(task: TaskFacts) -> PodFacts:
    return build.pod(of=task, phase="Running")


def test_a_job_whose_slots_its_own_tasks_take_is_told_that_the_pool_is_at_its_target() -> None:
    first, second = build.task("a"), build.task("b")
    reason, message = admitted(first, second, pods=(running(first),))
    assert (reason, "1 task waiting" in message, "target of 1 node" in message) == ("PoolAtMaximum", True, True)


def test_a_job_behind_one_of_higher_priority_is_told_so() -> None:
    waiting = build.task("x", job="high", job_uid="high-uid")
    higher = build.view(build.job("high", priority=5), tasks=build.tasks(build.task("w", job="high"), waiting))
    reason, message = admitted(build.task("a"), others=(higher,))
    assert (reason, "2 tasks of jobs with higher priority" in message) == ("LowerPriority", True)


def test_a_job_that_waits_for_a_failed_task_only_is_told_that_it_will_not_start_by_itself() -> None:
    reason, _ = admitted(build.task("a", state="completed"), build.task("b", depends_on=("a",)), usesTaskDependencies=True)  # fmt: skip
    assert reason == "DependencyFailed"


def test_a_job_at_its_own_limit_is_told_so() -> None:
    first = build.task("a")
    reason, message = admitted(first, build.task("b"), pods=(running(first),), maxParallelTasks=1)
    assert (reason, "maxParallelTasks=1" in message) == ("WaitingForSlot", True)


def test_a_job_whose_pod_fits_nowhere_repeats_the_schedulers_own_words() -> None:
    task = build.task("a")
    pod = build.pod(of=task, bound=False, unplaceable="0/3 nodes are available: 3 Insufficient cpu.")
    reason, message = admitted(task, pods=(pod,))
    assert (reason, "3 Insufficient cpu" in message) == ("Unschedulable", True)


def test_a_disabled_job_is_suspended_before_anything_else() -> None:
    reason, _ = admitted(build.task("a"), desiredState="disabled", status={"state": "disabled"})
    assert reason == "Suspended"


def test_a_job_whose_pool_cannot_run_its_steps_is_misconfigured_and_the_next_step_comes_last() -> None:
    admin = {"commandLine": "prepare", "userIdentity": {"autoUser": {"elevationLevel": "admin"}}}
    reason, message = admitted(build.task("a"), jobPreparationTask=admin)
    assert reason == "Misconfigured"
    assert message.endswith("; 1 task waiting; raise its maxElevationLevel or ask for less")
