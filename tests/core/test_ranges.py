"""Range tasks in whole jobs: one object, a task for every integer (docs/azure-batch.md, 4.1.11)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from batchyard.api import names
from batchyard.core.actions import Patch
from tests import build
from tests.core.whole_jobs import end, look, ran, run, start, state
from tests.core.world import World

PERFORM = {"onTaskFailure": "performexitoptionsjobaction"}


def sweep(start_: int, end_: int, *more: dict[str, Any], exits: Any = None, task: Any = None, **job: Any) -> World:
    """A job with one range task, `task` are fields of it, and more tasks."""
    of = {"id": "sweep", "commandLine": "true", "range": {"start": start_, "end": end_}, **(task or {})}
    return start(exits=exits, tasks=[of, *more], **job)


def status(world: World, name: str = "demo.sweep") -> dict[str, Any]:
    found: dict[str, Any] = (world.get("BatchTask", name) or {}).get("status", {})
    return found


def said(world: World) -> dict[str, Any]:
    found: dict[str, Any] = status(world).get("range", {})
    return found


def whole(world: World) -> bool:
    return status(world).get("state") == "completed"


def counts(world: World) -> dict[str, int]:
    found: dict[str, int] = (world.get("BatchJob", "demo") or {}).get("status", {}).get("taskCounts", {})
    return found


def starts(world: World) -> list[str]:
    tasks = [r for r in world.trace if r.what.isdigit()]
    return [r.what for r in sorted(tasks, key=lambda r: r.start)]


@pytest.mark.parametrize("crash_every", [0, 1, 2])
def test_a_range_is_a_task_for_every_integer_and_each_runs_once(crash_every: int) -> None:
    world = sweep(1, 12)
    run(world, whole, crash_every)
    assert sorted(starts(world), key=int) == [str(n) for n in range(1, 13)]
    assert len(world.of("BatchTask")) == 1
    assert said(world)["succeeded"] == "1-12"
    assert said(world)["counts"] == {"active": 0, "succeeded": 12, "failed": 0}
    assert status(world)["executionInfo"]["result"] == "success"
    end(world, crash_every)
    assert ran(world, "release") == ["node1", "node2"]


def test_every_pod_of_a_range_has_its_own_id_directory_and_name() -> None:
    world = sweep(9, 11)
    run(world, lambda w: len(w.of("Pod", names.COMPONENT_TASK)) == 3)
    pods = world.of("Pod", names.COMPONENT_TASK)
    env = [{e["name"]: e.get("value") for e in pod["spec"]["containers"][0]["env"]} for pod in pods]
    assert sorted(e["AZ_BATCH_TASK_ID"] for e in env) == ["10", "11", "9"]
    assert all(e["AZ_BATCH_TASK_DIR"].endswith(f"/{e['AZ_BATCH_TASK_ID']}") for e in env)
    assert len({e["BATCHYARD_KEY"] for e in env}) == len({pod["metadata"]["name"] for pod in pods}) == 3


@pytest.mark.parametrize("crash_every", [0, 1])
def test_each_integer_has_its_own_retries(crash_every: int) -> None:
    """4 and 5 fail once, 6 always."""
    bad = {"4": 1, "5": 1, "6": 9}
    exits = lambda what, _, attempt: 3 * (attempt < bad.get(what, 0))  # noqa: E731
    world = sweep(1, 8, exits=exits, task={"constraints": {"maxTaskRetryCount": 2}})
    run(world, whole, crash_every)
    assert said(world)["succeeded"] == "1-5,7-8"
    assert said(world)["failed"] == [{"failureCode": "FailureExitCode", "exitCode": 3, "ids": "6"}]
    assert (len(ran(world, "4")), len(ran(world, "6"))) == (2, 3)
    assert (status(world)["executionInfo"]["result"], status(world)["attempt"]) == ("failure", 2)


def test_an_integer_that_waits_for_its_next_try_says_what_it_has_been_through() -> None:
    world = sweep(1, 2, exits=lambda what, *_: int(what.isdigit()), task={"constraints": {"maxTaskRetryCount": -1}})
    run(world, lambda w: {t.get("attempt") for t in said(w).get("tried", [])} == {2})
    assert said(world)["tried"] == [{"attempt": 2, "retryCount": 2, "ids": "1-2"}]


def test_integers_start_in_their_order_beside_other_tasks() -> None:
    world = sweep(8, 11)
    world.objects.pop(("Node", "", "node2"))
    run(world, whole)
    assert starts(world) == ["8", "9", "10", "11"]


def test_no_more_of_them_run_at_once_than_the_job_allows() -> None:
    world = sweep(1, 6, maxParallelTasks=1)
    run(world, whole)
    runs = sorted((r for r in world.trace if r.what.isdigit()), key=lambda r: r.start)
    assert all(a.end <= b.start for a, b in pairwise(runs))


def test_counts_of_the_job_count_integers() -> None:
    world = sweep(1, 10, exits=lambda what, *_: int(what == "2"))
    run(world, lambda w: counts(w).get("running") == 2)
    assert counts(world)["active"] + counts(world)["completed"] == 8
    run(world, lambda w: counts(w).get("completed") == 10)
    assert (counts(world)["succeeded"], counts(world)["failed"]) == (9, 1)


def test_a_job_ends_when_all_integers_have() -> None:
    world = sweep(1, 5, onAllTasksComplete="terminatejob")
    run(world, lambda w: state(w) == "completed")
    assert len(starts(world)) == 5


@pytest.mark.parametrize("crash_every", [0, 1])
def test_a_task_waits_for_a_part_of_a_range(crash_every: int) -> None:
    """4.6: by ids and by ranges of ids; 2 fails and holds only who names it."""
    some = {"id": "some", "commandLine": "true", "dependsOn": {"taskIds": ["1"], "taskIdRanges": [{"start": 3, "end": 4}]}}  # fmt: skip
    never = {"id": "never", "commandLine": "true", "dependsOn": {"taskIdRanges": [{"start": 1, "end": 2}]}}
    world = sweep(1, 6, some, never, exits=lambda what, *_: int(what == "2"), usesTaskDependencies=True)
    run(world, lambda w: bool(ran(w, "some")) and whole(w), crash_every)
    at = {r.what: r for r in world.trace}
    assert at["some"].start >= max(at[n].end for n in ("1", "3", "4"))
    until = world.now + 20
    run(world, lambda w: w.now > until, crash_every)
    assert not ran(world, "never")
    admitted = {c["type"]: c for c in (world.get("BatchJob", "demo") or {})["status"]["conditions"]}["Admitted"]
    assert (admitted["reason"], admitted["message"][:14]) == ("DependencyFailed", "1 of 1 task wa")


def test_a_range_waits_for_what_it_depends_on() -> None:
    first = {"id": "first", "commandLine": "true"}
    task = {"dependsOn": {"taskIds": ["first"]}}
    world = sweep(1, 3, first, task=task, usesTaskDependencies=True)
    run(world, whole)
    at = {r.what: r for r in world.trace}
    assert min(at[n].start for n in "123") >= at["first"].end


def test_a_failure_that_satisfies_lets_dependents_start() -> None:
    satisfy = {"exitCodes": [{"code": 7, "exitOptions": {"dependencyAction": "satisfy"}}]}
    child = {"id": "child", "commandLine": "true", "dependsOn": {"taskIdRanges": [{"start": 1, "end": 2}]}}
    exits = lambda what, *_: 7 * (what == "2")  # noqa: E731
    world = sweep(1, 2, child, exits=exits, task={"exitConditions": satisfy}, usesTaskDependencies=True)
    run(world, lambda w: bool(ran(w, "child")))
    assert said(world)["failed"] == [
        {"failureCode": "FailureExitCode", "exitCode": 7, "dependencyAction": "satisfy", "ids": "2"}
    ]


@pytest.mark.parametrize("crash_every", [0, 1])
def test_one_integer_that_fails_ends_the_job_if_its_exit_conditions_say_so(crash_every: int) -> None:
    stop = {"default": {"jobAction": "terminate"}}
    world = sweep(1, 20, exits=lambda what, *_: int(what == "3"), task={"exitConditions": stop}, **PERFORM)
    run(world, lambda w: state(w) == "completed", crash_every)
    assert len(starts(world)) < 20
    assert said(world)["failed"][0]["jobAction"] == "terminate"


@pytest.mark.parametrize("crash_every", [0, 1])
def test_one_integer_disables_the_job_once_and_is_named(crash_every: int) -> None:
    stop = {"default": {"jobAction": "disable"}}
    world = sweep(1, 8, exits=lambda what, *_: int(what == "3"), task={"exitConditions": stop}, **PERFORM)
    run(world, lambda w: state(w) == "disabled", crash_every)
    assert (world.get("BatchJob", "demo") or {})["status"]["disabledByTask"] == "3"
    run(world, lambda w: "jobAction" not in said(w)["failed"][0], crash_every)
    world.edit("BatchJob", "demo", {"desiredState": "disabled"})
    run(world, lambda w: "disabledByTask" not in (w.get("BatchJob", "demo") or {})["status"], crash_every)
    world.edit("BatchJob", "demo", {"desiredState": "active"})
    run(world, whole, crash_every)
    assert said(world)["succeeded"] == "1-2,4-8"


def test_a_success_may_ask_something_of_the_job_too() -> None:
    stop = {"exitCodes": [{"code": 0, "exitOptions": {"jobAction": "disable"}}]}
    world = sweep(1, 8, task={"exitConditions": stop}, **PERFORM)
    run(world, lambda w: state(w) == "disabled")
    run(world, lambda w: "asking" not in said(w))
    assert said(world)["counts"]["succeeded"] >= 1


@pytest.mark.parametrize("crash_every", [0, 1])
def test_a_range_that_is_terminated_in_the_middle_completes_with_what_ran(crash_every: int) -> None:
    world = sweep(1, 20)
    run(world, lambda w: said(w).get("counts", {}).get("succeeded", 0) >= 2, crash_every)
    world.edit("BatchTask", "demo.sweep", {"desiredState": "terminated"})
    run(world, whole, crash_every)
    (failed,) = [f for f in said(world)["failed"] if "exitCode" not in f]
    assert failed["failureCode"] == "TaskEnded"
    assert len(starts(world)) < 20
    run(world, lambda w: not [p for p in w.of("Pod", "task") if p["metadata"].get("finalizers")], crash_every)
    assert said(world)["counts"]["active"] == 0


@pytest.mark.parametrize("crash_every", [0, 1])
def test_reactivation_runs_every_failed_integer_once_more_and_no_other(crash_every: int) -> None:
    mended: list[int] = []
    exits = lambda what, *_: int(what in ("2", "5") and not mended)  # noqa: E731
    world = sweep(1, 6, exits=exits)
    run(world, whole, crash_every)
    assert said(world)["failed"][0]["ids"] == "2,5"
    mended.append(1)
    world.edit("BatchTask", "demo.sweep", {"reactivations": 1})
    run(world, lambda w: status(w).get("reactivations") == 1 and whole(w), crash_every)
    assert (said(world)["succeeded"], said(world)["failed"]) == ("1-6", [])
    assert {n: len(ran(world, n)) for n in "123456"} == {"1": 1, "2": 2, "3": 1, "4": 1, "5": 2, "6": 1}
    assert status(world)["executionInfo"]["result"] == "success"
    world.edit("BatchTask", "demo.sweep", {"reactivations": 2})
    run(world, lambda w: status(w).get("reactivations") == 2)
    (says,) = [c for c in status(world)["conditions"] if c["type"] == "Reactivated"]
    assert says["reason"] == "TaskSucceeded"


@pytest.mark.parametrize(("option", "word"), [("requeue", {"requeueCount": 1}), ("terminate", None), ("wait", {})])
def test_disabling_does_with_running_integers_what_its_option_says(option: str, word: dict[str, int] | None) -> None:
    world = sweep(1, 4)
    world.seconds = 20
    run(world, lambda w: len([p for p in w.of("Pod", "task") if p.get("status", {}).get("phase") == "Running"]) == 2)
    world.edit("BatchJob", "demo", {"desiredState": "disabled", "disableTasks": option})
    run(world, lambda w: state(w) == "disabled")
    if option == "requeue":
        assert said(world)["tried"] == [{"attempt": 1, **(word or {}), "ids": "1-2"}]
    elif option == "terminate":
        assert [f["failureCode"] for f in said(world)["failed"]] == ["TaskEnded"]
    else:
        assert said(world)["succeeded"] == "1-2"
    world.edit("BatchJob", "demo", {"desiredState": "active"})
    run(world, whole)
    assert len(ran(world, "3")) == 1


def test_a_power_loss_is_a_recovery_of_the_integers_that_ran() -> None:
    world = sweep(1, 4)
    world.seconds = 10
    run(world, lambda w: len([p for p in w.of("Pod", "task") if p.get("status", {}).get("phase") == "Running"]) == 2)
    world.reboot("node1", "boot2")
    run(world, lambda w: bool(said(w).get("tried")))
    (tried,) = said(world)["tried"]
    assert (tried["attempt"], tried["recoveryCount"], "retryCount" in tried) == (1, 1, False)
    run(world, whole)
    assert said(world)["succeeded"] == "1-4"


def test_what_ends_at_once_is_written_at_once_and_only_then_let_go() -> None:
    world = sweep(1, 2)
    run(world, lambda w: sum(p.get("status", {}).get("phase") == "Running" for p in w.of("Pod", "task")) == 2)
    for _ in range(world.seconds):
        world.tick()
    done = look(world).actions
    (write,) = [a for a in done if isinstance(a, Patch) and a.ref.kind == "BatchTask"]
    assert write.body["status"]["range"]["succeeded"] == "1-2"
    assert write.lazy == 1
    assert not [a for a in done if isinstance(a, Patch) and a.ref.kind == "Pod"]
    world.do(write)
    assert len([a for a in look(world).actions if isinstance(a, Patch) and a.ref.kind == "Pod"]) == 2


def test_a_wish_of_the_user_does_not_wait_for_a_moment_without_outcomes() -> None:
    world = sweep(1, 6, exits=lambda what, *_: int(what == "1"))
    run(world, lambda w: bool(said(w).get("failed")))
    run(world, lambda w: sum(p.get("status", {}).get("phase") == "Running" for p in w.of("Pod", "task")) == 2)
    for _ in range(world.seconds):
        world.tick()
    world.edit("BatchTask", "demo.sweep", {"reactivations": 1})
    writes = []
    for _ in range(2):
        writes += [a for a in look(world).actions if isinstance(a, Patch) and a.ref.kind == "BatchTask"]
        world.do(writes[-1])
    assert [("reactivations" in each.body["status"]) for each in writes] == [True, False]
    assert (said(world)["tried"][0]["ids"], said(world)["counts"]["failed"]) == ("1", 0)


def test_a_quiet_range_asks_for_no_write() -> None:
    world = sweep(1, 6)
    world.seconds = 40
    until = world.now + 30
    run(world, lambda w: w.now > until)
    assert look(world).actions == ()
    run(world, whole)
    until = world.now + 10
    run(world, lambda w: w.now > until)
    assert look(world).actions == ()


def test_a_range_that_an_operator_without_ranges_has_completed_runs_now() -> None:
    """Or else nothing in its pool would be planned for."""
    world = sweep(1, 3)
    run(world, lambda w: bool(w.of("BatchTask")))
    (task,) = world.of("BatchTask")
    task["status"] = {"state": "completed", "executionInfo": {"result": "success", "exitCode": 0}}
    run(world, lambda w: said(w).get("succeeded") == "1-3")


def test_a_range_that_is_deleted_takes_its_pods_along() -> None:
    world = sweep(1, 4)
    run(world, lambda w: len(w.of("Pod", "task")) == 2)
    world.delete(("BatchTask", build.NAMESPACE, "demo.sweep"))
    run(world, lambda w: not w.of("Pod", "task"))
    assert counts(world)["active"] == 0
