"""What breaks the rules about one task, about slots and about statuses, and what looks like it and does not."""

import pytest

from tests.history.build import OTHER, history, prep, task
from tests.history.checker import violations
from tests.history.history import History
from tests.history.process import Process
from tests.history.seen import JobSeen, Lost, TaskGone, TaskSeen, TaskThere

PREPARED = (prep(-2, -1), prep(-2, -1, place=OTHER))


def seen(
    at: float, state: str = "completed", result: str = "success", exit_code: int | None = 0, **fields: int
) -> TaskSeen:
    return TaskSeen(at=at, job="j", task="a", state=state, result=result, exit_code=exit_code, **fields)


def again(start: float, end: float, exit_code: int | None = 0, attempt: int = 1, name: str = "a") -> Process:
    return task(name, start, end, exit_code, attempt=attempt, place=OTHER)


def counted(at: float, **counts: int) -> JobSeen:
    return JobSeen(at=at, job="j", state="active", counts=counts)


THERE = TaskThere(at=0, job="j", task="a")
GONE = TaskGone(at=2, job="j", task="a")
ENDED = {"completed": 1, "failed": 1}


@pytest.mark.parametrize(
    "kept",
    [
        history(*PREPARED, task("a", 0, 1), seen(2), seen(3)),
        history(*PREPARED, task("a", 0, 1, None), again(1, 2), seen(3, attempt=1)),
        history(*PREPARED, task("flaky", 0, 1, 1), again(2, 3, 1, name="flaky")),
        history(*PREPARED, task("a", 0, 1, None), again(2, 3, None), again(4, 5, 1, attempt=2)),
        history(
            *PREPARED,
            task("a", 0, 1, 1),
            seen(2, "completed", "failure", 1),
            again(3, 4),
            seen(5, reactivations=1, attempt=1),
        ),
        history(
            *PREPARED, task("a", 0, 1, 1), again(2, 3, 1), seen(4, "completed", "failure", 1, attempt=1, uncharged=1)
        ),
        history(*PREPARED, task("a", 0, 1), task("last", 1, 2)),
        history(*PREPARED, task("three", 0, 1, 3), task("after-three", 1, 2)),
        history(*PREPARED, task("a", 0, 2), task("b", 0, 2), task("c", 2, 3)),
        history(*PREPARED, task("big", 0, 2), again(0, 2, name="big2")),
        history(*PREPARED, task("a", 0, 1), Lost(at=2, node="n1", machine="m1", boot="b1"), again(3, 4)),
        history(*PREPARED, task("a", 0, 1), Lost(at=2, node="n1", machine="m1"), again(3, 4)),
        history(JobSeen(at=0, job="j", state="active", counts={"completed": 3, "succeeded": 2, "failed": 1})),
        history(JobSeen(at=0, job="j", state="completed"), JobSeen(at=1, job="j", state="deleting")),
        history(seen(0, "running", "", None), seen(1, "active", "", None, attempt=1)),
        history(seen(0, "active", "", None, recoveries=2), seen(1, "active", "", None, recoveries=4, reactivations=1)),
        history(THERE, counted(0, active=1), counted(1, running=1), counted(2, **ENDED)),
        history(THERE, counted(1, **ENDED), GONE, counted(3, active=0)),
        history(
            THERE,
            counted(1, **ENDED),
            seen(2, "active", "", None, reactivations=1),
            counted(3, active=1),
        ),
        history(counted(1, active=1), counted(2, active=9), counted(3, active=1)),
    ],
)
def test_nothing_is_said_where_the_rules_are_kept(kept: History) -> None:
    assert violations(kept) == []


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        ("S7", history(*PREPARED, task("a", 0, 2), again(1, 3))),
        ("S7", history(*PREPARED, task("a", 0, 2, None), again(1, 3))),
        ("S8", history(*PREPARED, task("a", 0, 1, None), again(2, 3, attempt=0))),
        ("S9", history(*PREPARED, task("a", 0, 1), seen(2), again(3, 4))),
        ("S10", history(*PREPARED, task("a", 0, 1, 1), again(2, 3, 1))),
        ("S10", history(*PREPARED, *(task("flaky", n, n + 1, 1, attempt=n) for n in range(3)))),
        ("S10", history(*(prep(n, n + 1, 1) for n in range(3)))),
        ("S10", history(seen(0, "active", "", None, recoveries=3))),
        ("S11", history(*PREPARED, task("last", 0, 1))),
        ("S11", history(*PREPARED, task("a", 0, 2), task("last", 1, 2))),
        ("S11", history(*PREPARED, task("a", 0, 1, 1), task("last", 1, 2))),
        ("S11", history(*PREPARED, task("three", 0, 1), task("after-three", 1, 2))),
        ("S12", history(*PREPARED, task("a", 0, 2), task("b", 0, 2), task("c", 1, 3))),
        ("S12", history(*PREPARED, task("big", 0, 2), task("b", 1, 2))),
        ("S12", history(*PREPARED, task("big", 0, 2), task("b", 1, 2, job="plain"))),
        ("S14", history(seen(1), seen(2, "active", "", None))),
        ("S14", history(task("a", 0, 1), seen(1), seen(2, "completed", "failure", 0))),
        ("S14", history(seen(1, "completed", "failure", None), seen(2, "active", "", None))),
        ("S14", history(seen(1, "active", "", None, attempt=2), seen(2, "active", "", None, attempt=1))),
        ("S14", history(seen(1, "active", "", None, retries=2), seen(2, "active", "", None, retries=1))),
        ("S14", history(JobSeen(at=0, job="j", state="completed"), JobSeen(at=1, job="j", state="active"))),
        ("S14", history(JobSeen(at=0, job="j", state="active", counts={"completed": 3, "succeeded": 1, "failed": 1}))),
        ("S14", history(THERE, counted(1, **ENDED), counted(2, active=1))),
        ("S14", history(THERE, THERE, counted(1, active=2), GONE, counted(3, active=0))),
        ("S14", history(THERE, counted(1, active=1), counted(2, active=9))),
        ("S14", history(THERE, counted(1, preparing=1), counted(2, active=0))),
        ("S17", history(*PREPARED, task("a", 0, 1), again(3, 4))),
        ("S17", history(*PREPARED, task("a", 0, 1), Lost(at=2, node="n2", machine="m2"), again(3, 4))),
        ("S17", history(*PREPARED, task("a", 0, 1, 3), seen(2))),
        ("S17", history(*PREPARED, task("a", 0, 1, 3), seen(2, "completed", "success", 3))),
        ("S17", history(seen(2))),
    ],
)
def test_what_breaks_a_rule_is_named(rule: str, broken: History) -> None:
    assert rule in {sentence.partition(":")[0] for sentence in violations(broken)}
