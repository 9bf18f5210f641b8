"""Whatever comes and goes in whatever order: the index says what one made from scratch would say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchyard.api import names
from batchyard.core.actions import Ref
from batchyard.core.facts import TaskFacts
from batchyard.core.indexes import Indexes, Outcome
from batchyard.core.intervals import read
from batchyard.core.natural import natural
from batchyard.core.snapshot import JobTasks
from batchyard.kube.job_tasks import TaskIndex
from tests import build

UIDS = ("u0", "u1", "u2", "u3", "u4")


@st.composite
def task(draw: st.DrawFn) -> TaskFacts:
    """A version of one of a few tasks, some of which share an id but for case; id and age never change."""
    uid = draw(st.sampled_from(UIDS))
    number = UIDS.index(uid)
    name = ("7", "a", "A", "b", "a")[number]
    state = draw(st.sampled_from(("active", "preparing", "running", "completed")))
    succeeded = state == "completed" and draw(st.booleans())
    return TaskFacts(
        ref=Ref("BatchTask", build.NAMESPACE, f"task-{uid}", uid, "1"),
        job="demo",
        job_uid="demo-uid",
        id=name,
        order=(float(number % 3), natural(name)),
        spec=b"{}",
        required_slots=draw(st.integers(1, 2)),
        state=state,
        succeeded=succeeded,
        satisfies=succeeded,
        depends_on=draw(st.sampled_from(((), ("b",)))),
        refused=draw(st.sampled_from(("", "", "TaskExists"))),
        unsupported=draw(st.sampled_from(((), ("containerSettings.containerRunOptions",)))),
        wants_end=draw(st.booleans()),
        deleting=draw(st.booleans()),
        observed_generation=draw(st.sampled_from((-1, 0))),
    )


steps = st.lists(st.one_of(task(), st.sampled_from(UIDS)), max_size=25)


def expected(tasks: list[TaskFacts], satisfied: set[str]) -> dict[str, Any]:
    """What a look at every task finds."""
    open_ = [t for t in tasks if not (t.refused or t.state == "completed")]
    waiting = [t for t in open_ if not t.deleting]
    startable = [t for t in waiting if set(t.depends_on) <= satisfied]
    completed = [t for t in tasks if t.state == "completed" and not t.refused]
    return {
        "total": sum(not t.refused for t in tasks),
        "completed": len(completed),
        "succeeded": sum(t.succeeded for t in completed),
        "blocked": len(waiting) - len(startable),
        "waiting": build.lines(startable),
        "preparing": {t.ref.uid: t for t in tasks if t.state == "preparing"},
        "dependent": {t.ref.uid: t for t in open_ if t.depends_on},
        "by_uid": {t.ref.uid: t for t in tasks},
    }


def said(view: JobTasks) -> dict[str, Any]:
    counts = view.counts
    return {
        "total": counts.total,
        "completed": counts.completed,
        "succeeded": counts.succeeded,
        "blocked": counts.blocked,
        "waiting": view.waiting,
        "preparing": view.preparing,
        "dependent": view.dependent,
        "by_uid": view.by_uid,
    }


def replayed(steps: list[TaskFacts | str]) -> tuple[TaskIndex, dict[str, TaskFacts]]:
    """The index after all of them, and the tasks that are left."""
    index, left = TaskIndex(), dict[str, TaskFacts]()
    for step in steps:
        if isinstance(step, str):
            index.drop(step)
            left.pop(step, None)
        else:
            index.put(step)
            left[step.ref.uid] = step
    return index, left


@given(steps)
def test_index_after_any_sequence_agrees_with_a_look_at_every_task(steps: list[TaskFacts | str]) -> None:
    index, left = replayed(steps)
    ever = {step.key for step in steps if isinstance(step, TaskFacts) and step.succeeded}
    assert said(index.view()) == expected([*left.values()], ever)


@given(steps)
def test_ids_and_marks_are_those_of_an_index_made_from_what_is_left(steps: list[TaskFacts | str]) -> None:
    (index, left), scratch = replayed(steps), TaskIndex()
    for each in left.values():
        scratch.put(each)
    assert index.view().by_key == scratch.view().by_key
    assert {t.ref.uid for t in index.view().attention} == {t.ref.uid for t in scratch.view().attention}


def test_second_task_of_an_id_gets_attention_and_the_first_comes_back_when_it_goes() -> None:
    index = TaskIndex()
    first, second = build.task("one", id="A"), build.task("two", id="a")
    index.put(second)
    index.put(first)
    assert [t.ref.name for t in index.view().attention] == ["demo.two"]
    index.drop(first.ref.uid)
    assert not index.view().attention


def test_what_is_not_there_can_be_dropped() -> None:
    TaskIndex().drop("nobody")


def sweep(start: int, end: int, name: str = "sweep", **facts: Any) -> TaskFacts:
    of = facts.pop("indexes", Indexes(start, end))
    return build.task(name, id=names.range_key(f"demo.{name}"), indexes=of, **facts)


def ended(start: int, end: int, **sets: str) -> Indexes:
    """`ok`, `bad` and `spared` are the integers that have succeeded, failed, or failed and satisfy."""
    how = {
        "ok": Outcome(exit_code=0, satisfies=True),
        "bad": Outcome("FailureExitCode", 1),
        "spared": Outcome("FailureExitCode", 2, satisfies=True),
    }
    return Indexes(start, end, {how[name]: read(text) for name, text in sets.items()})


def test_a_range_counts_as_many_tasks_as_it_has_integers() -> None:
    index = TaskIndex()
    index.put(build.task("one"))
    index.put(sweep(1, 10, indexes=ended(1, 10, ok="1-3", bad="5")))
    counts = index.view().counts
    assert (counts.total, counts.completed, counts.succeeded, counts.failed, counts.open) == (11, 4, 3, 1, 7)
    assert counts.startable == 7
    index.drop("sweep-uid")
    assert (index.view().counts.total, index.view().counts.startable) == (1, 1)


def test_a_blocked_range_counts_as_many_tasks_as_it_has_integers() -> None:
    index = TaskIndex()
    index.put(sweep(1, 10, depends_on=("a",)))
    index.put(build.task("a", state="completed"))
    counts = index.view().counts
    assert (counts.blocked, counts.hopeless, counts.startable) == (10, 10, 0)


def test_of_a_range_only_the_integers_that_are_named_are_waited_for() -> None:
    index = TaskIndex()
    index.put(build.task("child", depends_on=("3",), depends_on_ranges=((5, 6),)))
    index.put(sweep(1, 9, indexes=ended(1, 9, ok="3,5")))
    assert [t.id for t in index.view().waiting[1]] == ["[demo.sweep]"]
    index.put(sweep(1, 9, indexes=ended(1, 9, ok="3,5", bad="1", spared="6")))
    assert [t.id for t in index.view().waiting[1]] == ["child", "[demo.sweep]"]


def test_who_waits_for_a_failed_integer_waits_in_vain_until_it_runs_once_more() -> None:
    index = TaskIndex()
    index.put(build.task("child", depends_on_ranges=((1, 2),)))
    index.put(sweep(1, 9, indexes=ended(1, 9, ok="1", bad="2")))
    assert index.view().counts.hopeless == 1
    index.put(sweep(1, 9, indexes=ended(1, 9, ok="1")))
    assert index.view().counts.hopeless == 0


def test_what_a_deleted_range_has_satisfied_is_remembered() -> None:
    index = TaskIndex()
    index.put(sweep(1, 9, indexes=ended(1, 9, ok="3-5")))
    index.drop("sweep-uid")
    index.put(build.task("child", depends_on=("4",), depends_on_ranges=((3, 5),)))
    assert [t.id for t in index.view().waiting[1]] == ["child"]
    remembered = index.view().remembered
    assert remembered is not None
    assert [(run.start, run.end) for run in remembered.task_id_ranges] == [(3, 5)]


def attention(index: TaskIndex) -> set[str]:
    return {task.ref.name for task in index.view().attention}


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        (lambda: build.task("n5", id="5"), lambda: sweep(1, 9), True),
        (lambda: sweep(1, 9), lambda: build.task("n5", id="5"), True),
        (lambda: sweep(1, 9, "a"), lambda: sweep(9, 20, "b"), True),
        (lambda: sweep(1, 9, "a"), lambda: sweep(10, 20, "b"), False),
        (lambda: sweep(1, 9), lambda: build.task("n05", id="05"), False),
        (lambda: sweep(1, 9), lambda: build.task("n10", id="10"), False),
    ],
)
def test_no_id_of_a_range_is_that_of_another_task(first: Any, second: Any, clash: bool) -> None:
    """4.1.1: the older counts; it comes back when the other goes, whichever was seen first."""
    older, younger = first(), second()
    for order in ((older, younger), (younger, older)):
        index = TaskIndex()
        for each in order:
            index.put(each)
        assert attention(index) == ({younger.ref.name} if clash else set())
        assert ({*index.view().rivals} == {younger.ref.uid}) is clash
        index.drop(older.ref.uid)
        assert not attention(index)


@given(st.lists(st.tuples(st.sampled_from(("ok", "bad", "spared")), st.integers(1, 9)), max_size=12), st.booleans())
def test_index_of_a_range_agrees_with_one_made_from_what_it_has_become(
    steps: list[tuple[str, int]], waits: bool
) -> None:
    """Whatever became of its integers one after the other."""
    index, scratch, said = TaskIndex(), TaskIndex(), dict[int, str]()
    child = build.task("child", depends_on=("2",) if waits else (), depends_on_ranges=((3, 4),))
    order = build.T0, "x"
    index.put(child)
    for word, number in steps:
        said.setdefault(number, word)
        sets = {word: ",".join(str(n) for n in sorted(said) if said[n] == word) for word in set(said.values())}
        last = sweep(1, 9, indexes=ended(1, 9, **sets), order=order)
        index.put(last)
    if said:
        scratch.put(last)
    scratch.put(child)
    assert index.view().counts == scratch.view().counts
    assert {t.ref.uid for t in index.view().waiting.get(1, ())} == {t.ref.uid for t in scratch.view().waiting.get(1, ())}  # fmt: skip


SECOND: Any = {"order": (build.T0, "x")}
"""Times of creation are whole seconds: between two of one second the name decides."""


@pytest.mark.parametrize("begun", [{"state": "running"}, {"attempt": 1}, {"state": "completed"}])
def test_a_task_that_has_begun_keeps_its_id_when_others_of_its_second_come(begun: dict[str, Any]) -> None:
    index = TaskIndex()
    index.put(build.task("second", id="5", **begun, **SECOND))
    index.put(build.task("first", id="5", **SECOND))
    index.put(sweep(1, 9, "a", **SECOND))
    assert attention(index) == {"demo.first", "demo.a"}


def test_a_range_that_has_begun_keeps_its_ids_when_a_task_of_its_second_comes() -> None:
    index = TaskIndex()
    index.put(sweep(1, 9, indexes=ended(1, 9, ok="3"), **SECOND))
    index.put(build.task("first", id="5", **SECOND))
    assert attention(index) == {"demo.first"}
