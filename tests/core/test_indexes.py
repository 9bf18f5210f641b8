"""What becomes of the integers of a range: each stands in one place, and what is written is what is read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchyard.api.states import JobAction
from batchyard.api.task import Task
from batchyard.core import intervals
from batchyard.core.indexes import History, Indexes, Outcome, Place, moved
from batchyard.core.intervals import Run
from batchyard.core.tasks import range_text
from tests import build

SUCCESS = Outcome(exit_code=0, satisfies=True)
PLACES: list[Place] = [
    SUCCESS,
    Outcome("FailureExitCode", 1),
    Outcome("FailureExitCode", 3, satisfies=True),
    Outcome("FailureExitCode", 1, asks=JobAction.DISABLE),
    Outcome("TaskEnded"),
    History(1, retry_count=1),
    History(2, requeue_count=1, recovery_count=1),
    History(0, pending_failure="ContainerInvalidImage"),
    History(),
]


@st.composite
def steps(draw: st.DrawFn) -> list[dict[Place, list[Run]]]:
    """Each moves some integers; the last word about one counts."""
    found = []
    for _ in range(draw(st.integers(0, 4))):
        numbers = draw(st.lists(st.integers(5, 25), unique=True, max_size=12))
        step: dict[Place, list[Run]] = {}
        for number in numbers:
            step.setdefault(PLACES[draw(st.integers(0, len(PLACES) - 1))], []).append((number, number))
        found.append(step)
    return found


def after(steps: list[dict[Place, list[Run]]], start: int = 5, end: int = 25) -> Indexes:
    of = Indexes(start, end)
    for step in steps:
        of = Indexes(start, end, moved(of.ended, step, Outcome), moved(of.tried, step, History))
    return of


def task(of: Indexes, exit_conditions: Any = None) -> Task:
    meta = {"name": "demo.sweep", "namespace": build.NAMESPACE, "uid": "u", "resourceVersion": "1"}
    spec = {"jobId": "demo", "commandLine": "true", "range": {"start": of.start, "end": of.end}}
    if exit_conditions:
        spec["exitConditions"] = exit_conditions
    said = {key: value for key, value in range_text.status(of, of.ended, of.tried).items() if value is not None}
    return Task.model_validate({"metadata": meta, "spec": spec, "status": {"range": said}})


@given(steps())
def test_each_integer_stands_where_it_was_put_last(steps: list[dict[Place, list[Run]]]) -> None:
    wanted: dict[int, Place] = {}
    for step in steps:
        wanted |= {number: place for place, runs in step.items() for number, _ in runs}
    of = after(steps)
    for number in range(5, 26):
        place = wanted.get(number, History())
        assert [how for how, those in of.ended.items() if number in those] == [place] * isinstance(place, Outcome)
        assert (number in of.open) == isinstance(place, History)
        assert isinstance(place, Outcome) or of.history(number) == place
    assert of.total == len(of.open) + of.succeeded + of.failed


@given(steps())
def test_what_is_written_is_what_is_read(steps: list[dict[Place, list[Run]]]) -> None:
    of = after(steps)
    read = range_text.indexes(task(of))
    assert read is not None
    assert {how: those.runs for how, those in read.ended.items()} == {h: t.runs for h, t in of.ended.items()}
    assert {how: those.runs for how, those in read.tried.items()} == {h: t.runs for h, t in of.tried.items()}
    assert read.open.runs == of.open.runs


def test_a_success_that_asks_something_of_the_job_is_read_as_such() -> None:
    asking = Outcome(exit_code=0, satisfies=True, asks=JobAction.DISABLE)
    of = Indexes(1, 3, moved({}, {SUCCESS: [(1, 1)], asking: [(2, 2)]}, Outcome))
    conditions = {"exitCodes": [{"code": 0, "exitOptions": {"jobAction": "disable"}}]}
    read = range_text.indexes(task(of, conditions))
    assert read is not None
    assert {how: those.runs for how, those in read.ended.items()} == {SUCCESS: ((1, 1),), asking: ((2, 2),)}
    assert read.asks is JobAction.DISABLE


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31 - 10_000), st.integers(1, 10_000))
def test_long_integers_take_no_more_room_than_short_ones(start: int, count: int) -> None:
    """Every other one: no run is longer than one integer."""
    end = start + count - 1
    runs = [(number, number) for number in range(start, end + 1, 2)]
    of = Indexes(start, end, moved({}, {SUCCESS: runs}, Outcome))
    assert len(range_text.status(of, of.ended, of.tried)["succeeded"]) <= range_text.ROOM // 2 + 10
    read = range_text.indexes(task(of))
    assert read is not None
    assert [those.runs for those in read.ended.values()] == [tuple(runs)]


WRITTEN = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=3).map(
    lambda runs: ",".join(f"{a}-{b}" for a, b in runs)
)


@given(WRITTEN, WRITTEN, WRITTEN)
def test_integers_that_stand_twice_or_outside_count_once_or_not(succeeded: str, failed: str, again: str) -> None:
    kinds = [{"failureCode": "FailureExitCode", "ids": failed}, {"failureCode": "TaskEnded", "ids": again}]
    strange = task(Indexes(5, 25)).to_wire() | {"status": {"range": {"succeeded": succeeded, "failed": kinds}}}
    read = range_text.indexes(Task.model_validate(strange))
    assert read is not None
    assert read.total == len(read.open) + read.succeeded + read.failed
    assert read.succeeded == len([number for number in range(5, 26) if number in intervals.read(succeeded)])


def test_what_is_no_range_is_not_read() -> None:
    right = task(Indexes(0, 9)).to_wire()
    wrong = Task.model_validate(right | {"spec": {**right["spec"], "range": {"start": 9, "end": 0}}})
    with pytest.raises(ValueError, match="9 to 0"):
        range_text.indexes(wrong)
