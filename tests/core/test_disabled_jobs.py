"""Whole jobs that are disabled and enabled again (Azure 3.2, 3.7.22), also with an operator that crashes between any two writes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests import build
from tests.core.whole_jobs import completed, delete, end, look, ran, results, run, start, state
from tests.core.world import World

CRASHES = pytest.mark.parametrize("crash_every", [0, 1, 2])


def running(world: World) -> bool:
    return any(pod.get("status", {}).get("phase") == "Running" for pod in world.of("Pod", "task"))


def preparing(world: World) -> bool:
    return any(task.get("status", {}).get("state") == "preparing" for task in world.of("BatchTask"))


def disable(world: World, option: str = "requeue", crash_every: int = 0) -> None:
    world.edit("BatchJob", "demo", {"desiredState": "disabled", "disableTasks": option})
    run(world, lambda w: state(w) == "disabled", crash_every)


def enable(world: World, crash_every: int = 0) -> None:
    world.edit("BatchJob", "demo", {"desiredState": "active"})
    run(world, lambda w: state(w) == "active", crash_every)


def rest(world: World, seconds: int = 20) -> None:
    """Nothing starts meanwhile."""
    before = {r.what for r in world.trace}, len(world.trace)
    for _ in range(seconds):
        for action in look(world).actions:
            world.do(action)
        world.tick()
        assert not [pod for pod in world.of("Pod", "task") if pod["status"].get("phase") not in ("Succeeded", "Failed")]
    assert ({r.what for r in world.trace}, len(world.trace)) == before


def task(world: World, name: str = "t1") -> dict[str, Any]:
    found = world.get("BatchTask", f"demo.{name}")
    assert found is not None
    status: dict[str, Any] = found.get("status", {})
    return status


@CRASHES
@pytest.mark.parametrize(
    ("option", "first", "requeues", "runs"),
    [("requeue", None, 1, 2), ("terminate", "failure", None, 1), ("wait", "success", None, 1)],
)
def test_disabling_does_with_running_tasks_what_its_option_says(
    option: str, first: str | None, requeues: int | None, runs: int, crash_every: int
) -> None:
    """3.2: requeue puts back and counts it, terminate ends for good, wait lets them end."""
    world = start("t1", "t2", "t3")
    world.seconds = 20
    run(world, running, crash_every)
    disable(world, option, crash_every)
    info = task(world).get("executionInfo", {})
    assert info.get("result") == first
    assert info.get("requeueCount") == requeues
    assert info.get("failureInfo", {}).get("code") == ("TaskEnded" if option == "terminate" else None)
    rest(world)
    enable(world, crash_every)
    run(world, completed, crash_every)
    assert len(ran(world, "t1")) == runs
    assert task(world, "t3")["executionInfo"]["result"] == "success"
    assert not task(world).get("recoveryCount")


def test_a_disabled_job_says_so_and_is_not_written_to() -> None:
    world = start("t1")
    run(world, completed)
    disable(world)
    run(world, lambda w: not look(w).actions)
    job = world.get("BatchJob", "demo")
    assert job is not None
    says = {c["type"]: (c["status"], c["reason"]) for c in job["status"]["conditions"]}
    assert says["Suspended"] == ("True", "JobDisabled")
    assert says["Admitted"] == ("False", "Suspended")
    assert says["Reconciling"] == ("False", "JobDisabled")
    before = world.writes
    rest(world, 10)
    assert world.writes == before


def test_every_state_is_told_with_the_one_before_and_its_time() -> None:
    world = start("t1")
    seen: list[tuple[str | None, str]] = []

    def watch(w: World) -> bool:
        status = (w.get("BatchJob", "demo") or {}).get("status", {})
        word = status.get("previousState"), status.get("state")
        if "state" in status and (not seen or seen[-1] != word):
            seen.append(word)
            assert re.fullmatch(r"20.*Z", status["stateTransitionTime"])
            assert ("previousStateTransitionTime" in status) is (status.get("previousState") is not None)
        return False

    def upto(word: str) -> None:
        run(world, lambda w: watch(w) or state(w) == word)

    upto("active")
    for spec, word in (
        ({"desiredState": "disabled"}, "disabled"),
        ({"desiredState": "active"}, "active"),
        ({"desiredState": "disabled"}, "disabled"),
        ({"desiredState": "terminated"}, "completed"),
    ):
        world.edit("BatchJob", "demo", spec)
        upto(word)
    words = [
        "active",
        "disabling",
        "disabled",
        "enabling",
        "active",
        "disabling",
        "disabled",
        "terminating",
        "completed",
    ]
    assert seen == [*zip([None, *words], words, strict=False)]


@CRASHES
def test_tasks_added_to_a_disabled_job_wait(crash_every: int) -> None:
    """14.12."""
    world = start("t1")
    run(world, completed, crash_every)
    disable(world, crash_every=crash_every)
    meta = {"name": "demo.late", "namespace": build.NAMESPACE}
    world.put({"kind": "BatchTask", "metadata": meta, "spec": {"jobId": "demo", "id": "late", "commandLine": "true"}})
    rest(world)
    enable(world, crash_every)
    run(world, completed, crash_every)
    assert len(ran(world, "late")) == 1


@CRASHES
def test_disabling_while_a_node_is_prepared_puts_the_task_back_and_keeps_the_preparation(crash_every: int) -> None:
    """3.7.22."""
    world = start("t1")
    run(world, preparing, crash_every)
    disable(world, crash_every=crash_every)
    run(world, lambda w: not preparing(w), crash_every)
    assert "requeueCount" not in task(world).get("executionInfo", {})
    rest(world, 0)
    enable(world, crash_every)
    run(world, completed, crash_every)
    assert len(ran(world, "preparation")) == 1
    assert results(world) == ["success"]


@CRASHES
@pytest.mark.parametrize("when", ["disabling", "disabled", "enabling"])
def test_a_job_can_be_terminated_whatever_pause_it_is_in(when: str, crash_every: int) -> None:
    """3.2, 14.12; its release runs all the same."""
    world = start("t1", "t2")
    run(world, running, crash_every)
    world.edit("BatchJob", "demo", {"desiredState": "disabled"})
    run(world, lambda w: state(w) in (when, "disabled"), crash_every)
    if when == "enabling":
        world.edit("BatchJob", "demo", {"desiredState": "active"})
        run(world, lambda w: state(w) == "enabling", crash_every)
    end(world, crash_every)
    assert set(ran(world, "release")) == {r.node for r in world.trace if r.what in ("t1", "t2")}


@CRASHES
@pytest.mark.parametrize("when", ["disabling", "disabled", "enabling", "terminating", "completed"])
def test_a_job_can_be_deleted_in_any_state(when: str, crash_every: int) -> None:
    world = start("t1", "t2")
    run(world, running, crash_every)
    world.edit(
        "BatchJob", "demo", {"desiredState": "terminated" if when in ("terminating", "completed") else "disabled"}
    )
    run(world, lambda w: state(w) in (when, "disabled", "completed"), crash_every)
    if when == "enabling":
        world.edit("BatchJob", "demo", {"desiredState": "active"})
        run(world, lambda w: state(w) == "enabling", crash_every)
    delete(world, crash_every)
    used = {r.node for r in world.trace if r.what in ("t1", "t2")}
    assert set(ran(world, "release")) == used
    assert len(ran(world, "release")) == len(used)


@CRASHES
def test_the_wall_clock_runs_on_while_a_job_is_disabled(crash_every: int) -> None:
    world = start("t1", constraints={"maxWallClockTime": "PT60S"})
    run(world, completed, crash_every)
    disable(world, crash_every=crash_every)
    run(world, lambda w: state(w) == "completed", crash_every)
    job = world.get("BatchJob", "demo")
    assert job is not None
    assert job["status"]["executionInfo"]["terminateReason"] == "MaxWallClockTimeExpiry"
    assert world.now - build.T0 >= 60


def test_enabling_breaks_off_waiting_for_tasks() -> None:
    """With wait nothing was touched, so nothing has to be brought to its end."""
    world = start("t1")
    run(world, running)
    world.edit("BatchJob", "demo", {"desiredState": "disabled", "disableTasks": "wait"})
    run(world, lambda w: state(w) == "disabling")
    enable(world)
    assert not any("endTime" in task["status"].get("executionInfo", {}) for task in world.of("BatchTask"))
