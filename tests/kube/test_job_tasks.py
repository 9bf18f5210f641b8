"""Whatever comes and goes in whatever order: the index says what one made from scratch would say."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from batchyard.core.actions import Ref
from batchyard.core.facts import TaskFacts
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
        unsupported=draw(st.sampled_from(((), ("range",), ("containerSettings.containerRunOptions",)))),
        wants_end=draw(st.booleans()),
        deleting=draw(st.booleans()),
        observed_generation=draw(st.sampled_from((-1, 0))),
    )


steps = st.lists(st.one_of(task(), st.sampled_from(UIDS)), max_size=25)


def expected(tasks: list[TaskFacts], satisfied: set[str]) -> dict[str, Any]:
    """What a look at every task finds."""
    open_ = [t for t in tasks if not (t.refused or t.state == "completed")]
    waiting = [t for t in open_ if not (t.deleting or "range" in t.unsupported)]
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


@settings(max_examples=60, deadline=None)
@given(steps)
def test_index_after_any_sequence_agrees_with_a_look_at_every_task(steps: list[TaskFacts | str]) -> None:
    index, left = replayed(steps)
    ever = {step.key for step in steps if isinstance(step, TaskFacts) and step.succeeded}
    assert said(index.view()) == expected([*left.values()], ever)


@settings(max_examples=40, deadline=None)
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
