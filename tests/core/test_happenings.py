"""What the writes of whole jobs tell to be counted: each end once, however often the operator starts anew."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from batchyard.core.actions import Patch
from batchyard.core.facts import TaskFacts
from batchyard.core.happenings import Happening, of_step
from batchyard.core.tasks import happened
from batchyard.core.times import stamp
from batchyard.node.protocol import RunResult
from tests import build
from tests.core.whole_jobs import completed, end, look, run, start, state
from tests.core.world import World

Counted = Counter[tuple[str, str, str]]


def counted(world: World) -> Counted:
    found: Counted = Counter()
    for each in world.happened:
        found[each.what, each.result, each.code] += each.number
    return found


def once_failing(what: str, _node: str, attempt: int) -> int:
    """Task `b` fails in its first attempt, `c` always."""
    return int(what == "c" or (what == "b" and attempt == 0))


@pytest.mark.parametrize("crash_every", [0, 1, 2])
def test_every_end_is_told_once_however_often_the_operator_starts_anew(crash_every: int) -> None:
    """With crash_every=k only the first k writes of a pass are made, and the next one knows nothing of it."""
    world = start("a", "b", "c", exits=once_failing, constraints={"maxTaskRetryCount": 1}, maxParallelTasks=-1)
    run(world, completed, crash_every)
    end(world, crash_every)
    found = counted(world)
    steps = {what: sum(number for (each, _, _), number in found.items() if each == what) for what in ("preparation", "release")}  # fmt: skip
    assert steps == {"preparation": 2, "release": 2}
    assert found["task", "success", ""] == 2
    assert found["task", "failure", "FailureExitCode"] == 1
    assert found["retry", "", ""] == 2
    assert found["run", "", ""] == 5
    assert found["wait", "", ""] == 3
    assert found["job", "failure", ""] == 1


@pytest.mark.parametrize("result", ["success", "failure"])
def test_the_end_of_a_resize_is_told_with_its_time(result: str) -> None:
    before = {
        "allocationState": "resizing",
        "allocationStateTransitionTime": stamp(build.T0),
        "observedGeneration": 1,
        "state": "active",
    }
    pool = build.pool(status=before, targetDedicatedNodes=1)
    took = 900 if result == "failure" else 60
    there = build.serving("node1") if result == "success" else {}
    actions = build.planned(build.snapshot(of=pool, now=build.T0 + took, **there)).actions
    (told,) = (each.tells for each in actions if isinstance(each, Patch) and each.ref.kind == "BatchPool")
    assert told == (Happening("resize", result, seconds=took),)


STARTED = RunResult(0, stamp(build.T0 + 30), stamp(build.T0 + 42))
DONE = {"state": "completed", "executionInfo": {"result": "success"}}


def spans(task: TaskFacts, result: RunResult = STARTED) -> dict[str, float | None]:
    return {each.what: each.seconds for each in happened.at_end(task, DONE, result) if each.what in ("run", "wait")}


def test_times_are_those_of_the_attempt() -> None:
    new = build.task(order=(build.T0, ""))
    assert spans(new) == {"run": 12, "wait": 30}
    assert spans(replace(new, attempt=1)) == {"run": 12}
    assert spans(new, RunResult(137, STARTED.start_time, None)) == {"wait": 30}
    assert spans(new, RunResult(None, None, None)) == {}


def test_wait_of_a_task_that_runs_long_is_told_when_that_is_written_and_not_once_more() -> None:
    new = build.task(order=(build.T0, ""))
    assert [each.seconds for each in happened.at_start(new, build.T0 + 30)] == [30]
    assert spans(replace(new, state="running")) == {"run": 12}


def test_clocks_that_differ_never_make_a_time_negative() -> None:
    assert spans(build.task(order=(build.T0 + 100, ""))) == {"run": 12, "wait": 0}


def test_task_that_waits_for_others_does_not_count_as_one_that_the_pool_keeps_waiting() -> None:
    tasks = [{"id": "a", "commandLine": "x"}, {"id": "b", "commandLine": "x", "dependsOn": {"taskIds": ["a"]}}]
    world = start(usesTaskDependencies=True, tasks=tasks)
    run(world, completed)
    assert (counted(world)["wait", "", ""], counted(world)["run", "", ""]) == (1, 2)


def test_every_integer_of_a_range_counts_for_itself() -> None:
    world = start(tasks=[{"id": "sweep", "range": {"start": 1, "end": 7}, "commandLine": "x"}], exits=lambda what, _n, _a: int(what == "3"))  # fmt: skip
    run(world, completed)
    found = counted(world)
    assert (found["task", "success", ""], found["task", "failure", "FailureExitCode"]) == (6, 1)
    assert (found["run", "", ""], found["wait", "", ""]) == (7, 7)


def test_integers_that_are_ended_before_they_start_count_all_at_once() -> None:
    world = start(tasks=[{"id": "sweep", "range": {"start": 1, "end": 50}, "commandLine": "x"}])
    run(world, lambda w: bool(w.of("BatchTask")))
    world.edit("BatchTask", world.of("BatchTask")[0]["metadata"]["name"], {"desiredState": "terminated"})
    run(world, completed)
    found = counted(world)
    assert sum(number for (what, _, _), number in found.items() if what == "task") == 50
    assert found["task", "failure", "TaskEnded"] > 40


def test_task_that_runs_again_at_its_users_wish_is_no_retry() -> None:
    world = start("c", exits=once_failing)
    run(world, completed)
    world.edit("BatchTask", "demo.c", {"reactivations": 1})
    assert [a.tells for a in look(world).actions if isinstance(a, Patch) and a.ref.kind == "BatchTask"] == [()]


def test_step_that_still_runs_is_no_end() -> None:
    assert of_step("release", {"state": "running", "startTime": "2026-01-01T00:00:00Z"}) == ()


def test_job_that_is_deleted_before_its_end_has_no_end() -> None:
    world = start("a")
    run(world, completed)
    world.delete(("BatchJob", build.NAMESPACE, "demo"))
    run(world, lambda w: state(w) == "gone")
    assert not [each for each in world.happened if each.what == "job"]
