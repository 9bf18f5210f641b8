"""Jobs that go by themselves some time after their end (`ttlSecondsAfterFinished`)."""

from __future__ import annotations

import pytest

from batchyard.api.job import Job
from batchyard.core.actions import Delete, ref
from batchyard.core.jobs.expiry import expires_at, plan_expiry
from batchyard.core.times import stamp
from tests import build
from tests.core.whole_jobs import look, plans, ran, run, start, state
from tests.core.world import World

END = build.T0


def ended(seconds: int | None, state: str = "completed") -> Job:
    status = {"state": state, "executionInfo": {"endTime": stamp(END)} if state == "completed" else {}}
    return build.job(status=status, ttlSecondsAfterFinished=seconds)


def gone(world: World) -> bool:
    return world.get("BatchJob", "demo") is None


@pytest.mark.parametrize(
    ("job", "at"), [(ended(60), END + 60), (ended(0), END), (ended(None), None), (ended(60, "active"), None)]
)
def test_it_expires_so_long_after_its_end_and_no_other_does(job: Job, at: float | None) -> None:
    assert expires_at(job) == at


def test_it_is_deleted_from_then_on_unless_somebody_has_changed_it() -> None:
    job = ended(60)
    assert not list(plan_expiry(job, END + 59))
    assert list(plan_expiry(job, END + 60)) == [Delete(ref(job), unchanged=True)]


@pytest.mark.parametrize("crash_every", [0, 1, 2])
def test_it_goes_with_all_that_it_has_left_on_nodes(crash_every: int) -> None:
    world = start("t1", "t2", onAllTasksComplete="terminatejob", ttlSecondsAfterFinished=30)
    run(world, lambda w: state(w) == "completed", crash_every)
    run(world, gone, crash_every)
    assert ran(world, "wipe") == ran(world, "release")
    assert not world.of("BatchJobNode")


def test_the_operator_looks_again_at_that_moment() -> None:
    world = start(onAllTasksComplete="terminatejob", ttlSecondsAfterFinished=1000)
    run(world, lambda w: state(w) == "completed" and not look(w).actions)
    job = Job.model_validate(world.get("BatchJob", "demo"))
    assert [plan.wake_at for plan in plans(world)] == [expires_at(job)]


def test_one_that_failed_goes_too() -> None:
    world = start(
        "t1", onAllTasksComplete="terminatejob", ttlSecondsAfterFinished=0, exits=lambda what, *_: int(what == "t1")
    )
    run(world, gone)


def test_it_stays_when_its_user_changes_their_mind_in_time() -> None:
    world = start("t1", onAllTasksComplete="terminatejob", ttlSecondsAfterFinished=20)
    run(world, lambda w: state(w) == "completed")
    world.edit("BatchJob", "demo", {"ttlSecondsAfterFinished": None})
    for _ in range(60):
        for action in look(world).actions:
            world.do(action)
        world.tick()
    assert not gone(world)
