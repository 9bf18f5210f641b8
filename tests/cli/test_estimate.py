"""When something that waits may start: from what ended tasks took, the pool's slots and the tasks that go first."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchyard.cli.show.estimate import lanes, lengths, seconds, text
from tests.cli.objects import failed, job, pool, range_task, succeeded, task
from tests.cli.test_queue import waits
from tests.cli.typing_in import said

Object = dict[str, Any]
TIMES = st.lists(st.floats(0, 1e5), min_size=1)


@pytest.mark.parametrize(
    ("took", "slots", "before", "waiting", "told"),
    [
        ([60.0] * 40, 4, 47, 1, "in about 12m, from 40 ended tasks"),
        ([60.0] * 40, 4, 47, 81, "in about 12m, the last task in about 32m, from 40 ended tasks"),
        ([60.0] * 40, 2, 0, 1, "in about 30s, from 40 ended tasks"),
        ([0.0] * 9, 2, 3, 1, "in a moment, from 9 ended tasks"),
        ([60.0], 1, 0, 1, "in about 60s, from 1 ended task (rough: so few)"),
        ([1.0] * 9 + [600.0], 1, 0, 1, "in about 60s, from 10 ended tasks (rough: they took 1s to 10m)"),
        ([], 4, 0, 1, ""),
        ([60.0] * 40, 0, 0, 1, ""),
    ],
)
def test_estimate_is_the_mean_times_who_goes_first_over_the_slots(
    took: list[float], slots: int, before: int, waiting: int, told: str
) -> None:
    assert text(took, slots, before, waiting) == told


@given(TIMES, st.integers(1, 1000), st.integers(0, 10_000))
def test_more_slots_are_never_later_and_more_tasks_before_never_sooner(
    took: list[float], slots: int, before: int
) -> None:
    here, wider, behind = (seconds(took, *each) for each in ((slots, before), (slots + 1, before), (slots, before + 1)))
    assert here is not None
    assert wider is not None
    assert behind is not None
    assert wider <= here <= behind


def test_slots_are_those_of_nodes_that_serve_and_of_what_the_job_lets_run() -> None:
    wide = pool(status={"nodeCounts": {"idle": 1, "running": 2, "starttaskfailed": 5}})
    wide["spec"]["taskSlotsPerNode"] = 4
    assert [lanes(wide, job(), slots) for slots in (1, 2, 3, 5)] == [12, 6, 3, 0]
    assert lanes(wide, job(spec={"maxParallelTasks": 2}), 1) == 2
    assert lanes({}, job(), 1) == 0


def test_times_are_those_of_tasks_that_have_ended_however_they_did() -> None:
    never = failed(1)
    del never["startTime"]
    tasks = [
        task("a", "completed", info=succeeded()),
        task("b", "completed", info=failed(3)),
        task("c", "completed", info=never),
        task("d", "running", info={"startTime": "2026-03-01T11:59:00Z"}),
        range_task("r", 1, 9),
    ]
    assert [*lengths(tasks)] == [3.0, 5.0]


SERVING = pool(status={"nodeCounts": {"running": 2}})
ENDED = [task(f"e{number}", "completed", info=succeeded(endTime="2026-03-01T12:00:00Z")) for number in range(6)]
WAITING = [task("t1"), task("t2"), task("t3")]
DEMO = waits("demo", 3)
OTHERS = "(rough: takes tasks of other jobs to be like its own)"


def test_why_and_descriptions_tell_when_a_job_or_task_may_start() -> None:
    around = (DEMO, waits("older", 4, born="2026-02-01T00:00:00Z"), SERVING, *ENDED, *WAITING)
    assert (
        f"also: estimated start: in about 2m30s, the last task in about 3m30s, from 6 ended tasks {OTHERS}\n"
        in said("why demo", *around)
    )  # fmt: skip
    assert f"also: estimated start: in about 3m30s, from 6 ended tasks {OTHERS}\n" in said("task why demo t3", *around)
    assert "Starts:                in about 2m30s, the last task in about 3m30s" in said("job describe demo", *around)
    assert f"Starts:       in about 3m30s, from 6 ended tasks {OTHERS}\n" in said("task describe demo t3", *around)


def test_estimate_is_rough_where_tasks_of_other_jobs_go_first_or_run() -> None:
    around = (DEMO, SERVING, *ENDED, *WAITING)
    busy = job("busy", counts={"running": 1})
    for others, told in (
        ((), ""),
        ((job("over", counts={"succeeded": 3}), job("blocked", counts={"active": 3})), ""),
        ((waits("older", 4, born="2026-02-01T00:00:00Z"),), f" {OTHERS}"),
        ((busy,), f" {OTHERS}"),
    ):
        assert f"from 6 ended tasks{told}\n" in said("task why demo t3", *around, *others)


@pytest.mark.parametrize(
    "around",
    [
        (DEMO, SERVING, *WAITING),
        (DEMO, *ENDED, *WAITING),
        (DEMO, pool(status={"nodeCounts": {"starting": 2}}), *ENDED, *WAITING),
        (waits("demo", 3, reason="PoolResizing"), SERVING, *ENDED, *WAITING),
        (waits("demo", 3, reason="ExceedsPool"), SERVING, *ENDED, *WAITING),
    ],
    ids=["nothing has ended", "the pool is gone", "nothing serves", "nodes are to come", "it waits for something else"],
)
def test_there_is_no_estimate_where_nobody_can_know(around: tuple[Object, ...]) -> None:
    assert "estimated start" not in said("why demo", *around)
    assert "Starts" not in said("job describe demo", *around)
    assert "estimated start" not in said("why demo t1", *around)


def test_estimate_goes_by_the_slots_that_the_task_needs() -> None:
    big = task("big", spec={"requiredSlots": 2})
    wide = pool(status={"nodeCounts": {"running": 1}})
    wide["spec"]["taskSlotsPerNode"] = 2
    around = (waits("demo", 1), wide, *ENDED, big)
    assert "in about 60s, from" in said("why demo big", *around)
    assert "in about 60s, from" in said("why demo", *around)
