"""A range task as the tasks that it stands for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchyard.api import names
from batchyard.core.facts import TaskFacts, in_order
from batchyard.core.indexes import History, Indexes, Outcome
from batchyard.core.intervals import Intervals
from batchyard.core.natural import natural
from batchyard.core.tasks.histories import MOST
from batchyard.core.tasks.ranges import holds, integer, member, one_by_one, shall_end
from tests import build

DONE = Outcome(exit_code=0, satisfies=True)


def sweep(name: str, indexes: Indexes, created: float = build.T0) -> TaskFacts:
    order = created, natural(str(indexes.start))
    return build.task(name, id=names.range_key(f"demo.{name}"), indexes=indexes, order=order)


def single(name: str, created: float) -> TaskFacts:
    return build.task(name, order=(created, natural(name)))


@st.composite
def entries(draw: st.DrawFn) -> list[TaskFacts]:
    found = []
    for number in range(draw(st.integers(0, 4))):
        start, created = draw(st.integers(0, 30)), build.T0 + draw(st.integers(0, 1))
        if draw(st.booleans()):
            end = start + draw(st.integers(0, 15))
            done = Intervals((n, n) for n in draw(st.lists(st.integers(start, end), max_size=8)))
            found.append(sweep(f"r{number}", Indexes(start, end, {DONE: done}), created))
        else:
            found.append(single(draw(st.sampled_from((f"{start}", f"t{start}"))) + "x" * number, created))
    return sorted(found, key=in_order)


def taken_apart(entries: list[TaskFacts]) -> list[TaskFacts]:
    tasks = []
    for each in entries:
        tasks += [each] if each.indexes is None else [member(each, n) for n in each.indexes.open]
    return sorted(tasks, key=in_order)


@given(entries(), st.data())
def test_a_range_stands_in_line_as_single_tasks_of_its_integers_would(entries: list[TaskFacts], data: st.DataObject) -> None:  # fmt: skip
    wanted = [task.unit for task in taken_apart(entries)]
    taken = set(data.draw(st.lists(st.sampled_from(wanted), max_size=5))) if wanted else set()
    assert [t.unit for t in one_by_one(entries, taken)] == [unit for unit in wanted if unit not in taken]


def test_no_more_of_ten_thousand_are_made_than_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made = list[int]()

    def counted(task: TaskFacts, number: int) -> TaskFacts:
        made.append(number)
        return member(task, number)

    monkeypatch.setattr("batchyard.core.tasks.ranges.member", counted)
    line = one_by_one([sweep("r", Indexes(1, 10_000))], set())
    assert [next(line).id for _ in range(3)] == ["1", "2", "3"]
    assert len(made) <= 4


def test_one_of_a_range_has_its_own_id_and_counters() -> None:
    of = sweep("r", Indexes(1, 9, tried={History(3, 1, 1, 1): Intervals([(4, 5)])}))
    one = member(of, 4)
    assert (one.id, one.index, one.attempt, one.retry_count, one.requeue_count, one.recovery_count) == ("4", 4, 3, 1, 1, 1)  # fmt: skip
    assert (member(of, 6).attempt, member(of, 6).retry_count) == (0, 0)
    assert len({one.unit, member(of, 5).unit, of.unit}) == 3


def test_while_histories_are_too_many_only_what_was_never_tried_starts() -> None:
    tried = {History(n, retry_count=n): Intervals([(n, n)]) for n in range(1, MOST + 2)}
    crowded, few = Indexes(1, 20, tried=tried), Indexes(1, 20, tried=dict([*tried.items()][:MOST]))
    assert [t.id for t in one_by_one([sweep("r", crowded)], set())] == ["18", "19", "20"]
    assert len([*one_by_one([sweep("r", few)], set())]) == 20


@pytest.mark.parametrize(("text", "number"), [("4", 4), ("0", 0), ("04", None), ("", None), ("-4", None), ("٤", None), ("4a", None)])  # fmt: skip
def test_ids_of_ranges_have_no_leading_zeros(text: str, number: int | None) -> None:
    assert integer(text) == number
    assert holds(sweep("r", Indexes(0, 9)), text) is (number is not None)


@given(st.sets(st.integers(0, 30)), st.integers(0, 30))
def test_an_integer_shall_end_if_its_user_has_named_it(named: set[int], number: int) -> None:
    task = build.task("sweep", indexes=Indexes(0, 30), ends=Intervals((each, each) for each in named).runs)
    assert shall_end(task, number) == (number in named)
