"""The place in the queue: jobs by priority and age, tasks by age and id, as the operator starts them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.memory import Memory
from tests.cli.objects import condition, job, range_task, task
from tests.cli.typing_in import said, typed

Object = dict[str, Any]


def waits(name: str, waiting: int, *, reason: str = "WaitingForSlot", priority: int = 0, born: str = "2026-03-01T11:00:00Z") -> Object:  # fmt: skip
    conditions = (condition("Admitted", "False", reason, f"{waiting} tasks waiting; wait"),)
    counts = {"active": waiting, "running": 2}
    return job(name, conditions=conditions, counts=counts, spec={"priority": priority}, meta={"creationTimestamp": born})  # fmt: skip


def place(line: str, *objects: Object) -> str:
    [found] = [each for each in said(line, *objects).splitlines() if "queue" in each] or [""]
    return found.removeprefix("also: place in the queue: ")


MINE = waits("mine", 5)
URGENT, OLDER, YOUNGER = waits("urgent", 30, priority=9, born="2026-03-01T11:59:00Z"), waits("older", 4, born="2026-02-01T00:00:00Z"), waits("younger", 7, born="2026-03-01T11:30:00Z")  # fmt: skip
HOPELESS = waits("hopeless", 99, reason="ExceedsPool", priority=50)


def test_job_comes_after_those_of_higher_priority_and_older_ones() -> None:
    jobs = (MINE, YOUNGER, URGENT, OLDER, HOPELESS)
    assert place("why mine", *jobs) == "job 3 of 4 that wait for slots of the pool, 34 tasks before it"
    assert place("why urgent", *jobs) == "job 1 of 4 that wait for slots of the pool, 0 tasks before it"
    assert "Queue:                 job 3 of 4" in said("job describe mine", *jobs)


@pytest.mark.parametrize("found", [HOPELESS, job("hopeless"), job("hopeless", "completed")])
def test_job_that_does_not_wait_for_slots_has_no_place(found: Object) -> None:
    assert place("why hopeless", found, MINE) == ""


def test_jobs_of_other_pools_do_not_count() -> None:
    other = waits("other", 3, priority=5)
    other["spec"]["poolInfo"]["poolId"] = "big"
    assert place("why mine", MINE, other) == "job 1 of 1 that wait for slots of the pool, 0 tasks before it"


def test_task_comes_after_the_older_ones_of_its_job_and_after_all_of_jobs_before() -> None:
    tasks = [task(each, of="mine") for each in ("t10", "t2", "t1")] + [task("t0", "completed", of="mine")]
    assert place("why mine t10", MINE, OLDER, *tasks).endswith(", 6 tasks before it")
    assert place("task why mine t1", MINE, OLDER, *tasks).endswith(", 4 tasks before it")
    assert "Queue:        job 2 of 2 that wait" in said("task describe mine t1", MINE, OLDER, *tasks)


def test_task_that_never_runs_is_not_waited_for() -> None:
    never = task("a", of="mine", status={"conditions": [condition("Admitted", "False", "Misconfigured", "no; fix it")]})
    assert place("why mine b", MINE, never, task("b", of="mine")).endswith(", 0 tasks before it")


def test_one_of_a_range_comes_after_the_smaller_ones_that_have_not_ended() -> None:
    frames = range_task("frames", 1, 10, "active", counts={"active": 7}, succeeded="1-3")
    assert place("why demo 6", {**waits("demo", 7)}, frames).endswith(", 2 tasks before it")
    ahead = typed("why demo z", Memory(waits("demo", 9), frames, task("z")))
    assert "7 tasks before it" in ahead.out
