"""Whatever comes and goes in whatever order: the index says what one made from scratch would say."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from batchyard.core.actions import Ref
from batchyard.core.facts import TaskFacts
from batchyard.core.snapshot import JobTasks
from batchyard.kube.job_tasks import TaskIndex
from batchyard.kube.observe import natural
from tests import build

UIDS = ("u0", "u1", "u2", "u3", "u4")


@st.composite
def task(draw: st.DrawFn) -> TaskFacts:
    """A version of one of a few tasks, some of which share an id but for case; id and age never change."""
    uid = draw(st.sampled_from(UIDS))
    number = UIDS.index(uid)
    name = ("7", "a", "A", "b", "a")[number]
    state = draw(st.sampled_from(("active", "preparing", "running", "completed")))
    return TaskFacts(
        ref=Ref("BatchTask", build.NAMESPACE, f"task-{uid}", uid, "1"),
        job="demo",
        job_uid="demo-uid",
        id=name,
        order=(float(number % 3), natural(name)),
        spec=b"{}",
        state=state,
        succeeded=state == "completed" and draw(st.booleans()),
        depends_on=draw(st.sampled_from(((), ("b",)))),
        refused=draw(st.sampled_from(("", "", "TaskExists"))),
        unsupported=draw(st.sampled_from(((), ("range",), ("exitConditions",)))),
        wants_end=draw(st.booleans()),
        deleting=draw(st.booleans()),
        observed_generation=draw(st.sampled_from((-1, 0))),
    )


steps = st.lists(st.one_of(task(), st.sampled_from(UIDS)), max_size=25)


def said(view: JobTasks) -> dict[str, Any]:
    return {
        "counts": view.counts,
        "waiting": [*view.waiting],
        "attention": {each.ref.uid: each for each in view.attention},
        "preparing": {**view.preparing},
        "dependent": {**view.dependent},
        "by_uid": {**view.by_uid},
        "by_key": {key: [*same] for key, same in view.by_key.items()},
    }


@settings(max_examples=100, deadline=None)
@given(steps)
def test_index_after_any_sequence_equals_one_built_from_what_is_left(steps: list[TaskFacts | str]) -> None:
    index, left, ever = TaskIndex(), dict[str, TaskFacts](), set[str]()
    for step in steps:
        if isinstance(step, str):
            index.drop(step)
            left.pop(step, None)
        else:
            index.put(step)
            left[step.ref.uid] = step
            ever |= {step.key} if step.succeeded else set()
    scratch = TaskIndex()
    for each in left.values():
        scratch.put(each)
    assert said(index.view()) == said(scratch.view())
    assert index.view().succeeded == ever
    assert index.view().succeeded_numbers == {int(key) for key in ever if key.isdigit()}


@settings(max_examples=100, deadline=None)
@given(steps)
def test_index_agrees_with_a_look_at_every_task(steps: list[TaskFacts | str]) -> None:
    index, left = TaskIndex(), dict[str, TaskFacts]()
    for step in steps:
        if not isinstance(step, str):
            index.put(step)
            left[step.ref.uid] = step
    view, tasks = index.view(), [*left.values()]
    waiting = [t for t in tasks if t.state != "completed" and not (t.refused or t.deleting or "range" in t.unsupported)]
    completed = [t for t in tasks if t.state == "completed" and not t.refused]
    assert [*view.waiting] == sorted(waiting, key=lambda t: (t.order, t.ref.uid))
    assert view.counts.total == sum(not t.refused for t in tasks)
    assert (view.counts.completed, view.counts.succeeded) == (len(completed), sum(t.succeeded for t in completed))
    assert {*view.preparing} == {t.ref.uid for t in tasks if t.state == "preparing"}


def test_second_task_of_an_id_gets_attention_and_the_first_comes_back_when_it_goes() -> None:
    index = TaskIndex()
    first, second = build.task("one", id="A"), build.task("two", id="a")
    index.put(second)
    index.put(first)
    assert [t.ref.name for t in index.view().attention] == ["demo.two"]
    index.drop(first.ref.uid)
    assert not index.view().attention


def test_satisfaction_outlives_the_task_that_gave_it() -> None:
    index = TaskIndex()
    index.put(done := build.task("5", state="completed", succeeded=True))
    index.drop(done.ref.uid)
    assert index.view().succeeded == {"5"}
    assert index.view().succeeded_numbers == {5}
    assert index.view().counts.total == 0


def test_what_is_not_there_can_be_dropped() -> None:
    TaskIndex().drop("nobody")
