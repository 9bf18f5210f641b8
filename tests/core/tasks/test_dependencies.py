"""When a task's parents let it start (Azure 4.6)."""

from __future__ import annotations

from graphlib import TopologicalSorter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchyard.api.dependencies import SatisfiedTasks
from batchyard.core.intervals import Intervals
from batchyard.core.tasks.dependencies import Satisfied, first_unmet, number
from batchyard.kube.job_tasks import TaskIndex
from tests import build


@pytest.mark.parametrize(("id_", "value"), [("4", 4), ("004", 4), ("a4", None), ("-4", None), ("٤", None)])
def test_leading_zeros_do_not_matter_in_ranges(id_: str, value: int | None) -> None:
    assert number(id_) == value


def test_every_integer_of_a_range_must_have_succeeded() -> None:
    task = build.task(depends_on_ranges=((1, 3),))
    assert first_unmet(task, Satisfied(numbers=Intervals([(1, 1), (3, 3)]))) == 2
    assert first_unmet(task, Satisfied(numbers=Intervals([(1, 3)]))) is None


def test_a_task_waits_for_its_dependency() -> None:
    assert first_unmet(build.task(depends_on=("a",)), Satisfied({"b"})) == "a"
    assert first_unmet(build.task(depends_on=("a",)), Satisfied({"a"})) is None


def waiting(index: TaskIndex) -> list[str]:
    return [task.id for line in index.view().waiting.values() for task in line]


def test_the_first_of_several_tasks_of_one_number_satisfies_its_slot_of_a_range() -> None:
    index = TaskIndex()
    index.put(build.task("child", depends_on_ranges=((4, 4),)))
    index.put(build.task("4", state="completed"))
    assert waiting(index) == []
    index.put(build.task("004", state="completed", succeeded=True))
    assert waiting(index) == ["child"]


def test_satisfaction_is_remembered_when_its_task_is_deleted() -> None:
    index = TaskIndex()
    index.put(done := build.task("A", state="completed", succeeded=True))
    index.drop(done.ref.uid)
    index.put(build.task("child", depends_on=("a",)))
    assert waiting(index) == ["child"]


def test_what_was_satisfied_is_told_when_its_task_can_tell_it_no_more() -> None:
    index = TaskIndex()
    tasks = [build.task(each, state="completed", succeeded=True) for each in ("A", "3", "4", "05", "kept")]
    for each in (*tasks, build.task("failed", state="completed")):
        index.put(each)
    assert index.view().remembered is None
    for each in tasks[:4]:
        index.drop(each.ref.uid)
    index.drop("failed-uid")
    found = index.view().remembered
    assert found is not None
    assert found.to_wire() == {"taskIds": ["05", "a"], "taskIdRanges": [{"start": 3, "end": 4}]}


def test_a_task_that_is_to_run_again_has_still_satisfied_its_dependents() -> None:
    index = TaskIndex()
    index.put(build.task("a", state="completed", satisfies=True))
    index.put(build.task("a", state="active"))
    assert index.view().remembered == SatisfiedTasks(task_ids=("a",))


ids = st.sampled_from(("a", "b-1", "0", "1", "2", "3", "01", "0003", "12", "x4"))


@given(st.lists(ids, unique=True), st.lists(ids, unique=True, max_size=2), st.booleans())
def test_an_operator_that_starts_reads_what_another_has_written(done: list[str], needed: list[str], late: bool) -> None:
    """Whether a task that depends on deleted ones may start is the same before and after a restart."""
    before, after = TaskIndex(), TaskIndex()
    for each in done:
        before.put(build.task(each, state="completed", succeeded=True))
        before.drop(f"{each}-uid")
    numbers = tuple((value, value) for each in needed if (value := number(each)) is not None)
    children = (
        build.task("by-id", depends_on=tuple(needed)),
        build.task("by-number", depends_on_ranges=numbers),
    )
    for index, written in ((before, None), (after, before.view().remembered)):
        if late:
            index.remember(written)
        for child in children:
            index.put(child)
        index.remember(written)
    assert waiting(before) == waiting(after)
    assert ("by-id" in waiting(before)) == (set(needed) <= set(done))
    assert before.view().remembered == after.view().remembered


def test_a_task_whose_parent_has_failed_is_counted_as_one_that_will_never_start() -> None:
    index = TaskIndex()
    index.put(build.task("child", depends_on=("a",)))
    index.put(build.task("b", state="completed"))
    assert (index.view().counts.blocked, index.view().counts.hopeless) == (1, 0)
    index.put(build.task("a", state="completed"))
    assert (index.view().counts.blocked, index.view().counts.hopeless) == (1, 1)
    index.put(build.task("a", state="active"))
    assert (index.view().counts.blocked, index.view().counts.hopeless) == (1, 0)


@st.composite
def graph(draw: st.DrawFn) -> dict[int, set[int]]:
    """Parents of each task; a task depends on earlier ones only, so there is no ring."""
    size = draw(st.integers(1, 12))
    return {n: draw(st.sets(st.integers(0, n - 1), max_size=4)) if n else set() for n in range(size)}


@given(graph(), st.booleans(), st.randoms())
def test_tasks_start_when_a_topological_sort_says_so(
    parents: dict[int, set[int]], ranges: bool, chance: object
) -> None:
    """At every moment exactly those wait for a node whose parents have all succeeded, in whatever order tasks were added."""
    index, added = TaskIndex(), [*parents]
    chance.shuffle(added)  # type: ignore[attr-defined]
    tasks = {
        n: build.task(
            str(n),
            depends_on=() if ranges else tuple(map(str, parents[n])),
            depends_on_ranges=Intervals((p, p) for p in parents[n]).runs if ranges else (),
        )
        for n in added
    }
    for n in added:
        index.put(tasks[n])
    sorter = TopologicalSorter(parents)
    sorter.prepare()
    ready: set[str] = set()
    while sorter.is_active():
        ready |= {str(n) for n in sorter.get_ready()}
        assert set(waiting(index)) == ready
        done = chance.choice(sorted(ready))  # type: ignore[attr-defined]
        ready.remove(done)
        index.put(build.task(done, state="completed", succeeded=True, order=tasks[int(done)].order))
        sorter.done(int(done))
    assert waiting(index) == []
