"""Jobs that others wait for until they have started, not until they have ended (`readyWhen`)."""

from __future__ import annotations

import pytest

from tests.core.whole_jobs import completed, run, start, state
from tests.core.whole_pools import running
from tests.core.world import World


def reconciling(world: World) -> tuple[str, str]:
    job = world.get("BatchJob", "demo") or {}
    said = {c["type"]: (c["status"], c["reason"]) for c in job.get("status", {}).get("conditions", ())}
    return said.get("Reconciling", ("", ""))


def is_ready(world: World) -> bool:
    return reconciling(world)[0] == "False"


def test_a_job_is_ready_when_it_is_completed() -> None:
    world = start("t1", onAllTasksComplete="terminatejob")
    run(world, is_ready)
    assert state(world) == "completed"


@pytest.mark.parametrize("seconds", [1, 30])
def test_one_that_need_only_start_is_ready_when_a_task_of_it_runs_and_no_sooner(seconds: int) -> None:
    world = start("t1", readyWhen="started")
    world.seconds = seconds
    run(world, is_ready)
    assert (state(world), reconciling(world)) == ("active", ("False", "JobStarted"))
    assert completed(world) or running("node1")(world)


def test_one_whose_pool_is_missing_is_not_ready() -> None:
    world = start("t1", readyWhen="started", poolInfo={"poolId": "none"})
    with pytest.raises(AssertionError, match="never"):
        run(world, is_ready)


def test_it_stays_ready_when_its_task_waits_again() -> None:
    world = start("t1", readyWhen="started")
    world.seconds = 30
    run(world, running("node1"))
    world.edit("BatchJob", "demo", {"desiredState": "disabled"})
    run(world, lambda w: state(w) == "disabled")
    world.edit("BatchJob", "demo", {"desiredState": "active"})
    run(world, lambda w: state(w) == "active")
    assert not running("node1")(world)
    assert is_ready(world)


def test_that_can_be_asked_for_at_any_time() -> None:
    world = start("t1")
    run(world, completed)
    assert not is_ready(world)
    world.edit("BatchJob", "demo", {"readyWhen": "started"})
    run(world, is_ready)
    assert state(world) == "active"
