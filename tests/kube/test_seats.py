"""Tasks and their Pods come and go in whatever order: who waits in line, and which runs there are, is what one look at all of them finds."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from batchyard.api import names
from batchyard.core.facts import PodFacts, TaskFacts
from batchyard.core.indexes import Indexes
from tests import build
from tests.kube.known import Known, at

NAMES = ("one", "two")
HERE = {names.LABEL_POOL: "sample", names.LABEL_JOB: "demo"}
STATES = ("active", "preparing", "running", "completed")


@st.composite
def task(draw: st.DrawFn) -> TaskFacts:
    return build.task(
        draw(st.sampled_from(NAMES)),
        state=draw(st.sampled_from(STATES)),
        attempt=draw(st.integers(0, 1)),
        wants_end=draw(st.booleans()),
        depends_on=draw(st.sampled_from(((), (), ("parent",)))),
    )


@st.composite
def pod(draw: st.DrawFn) -> PodFacts:
    """Of either attempt; ended or not, kept or not, or of another owner than it says."""
    of = build.task(draw(st.sampled_from(NAMES)), attempt=draw(st.integers(0, 1)))
    facts: dict[str, Any] = {"phase": draw(st.sampled_from(("Pending", "Running", "Succeeded")))}
    facts["finalizers"] = draw(st.sampled_from(((names.FINALIZER,), ())))
    made = build.pod(of=of, labels=HERE, **facts)
    return made if draw(st.booleans()) else build.pod(labels=dict(made.labels), name=made.ref.name, **facts)


steps = st.lists(st.tuples(st.one_of(task(), pod()), st.booleans()), max_size=20)


def put(known: Known, thing: TaskFacts | PodFacts, *, goes: bool) -> None:
    if isinstance(thing, TaskFacts):
        known.put_task(at(thing), None if goes else thing)
    else:
        known.put_pod(at(thing), None if goes else thing)


def started(job_uid: str = "demo-uid") -> Known:
    known, job = Known(), build.job(usesTaskDependencies=True, meta={"uid": job_uid})
    known.put_job((job.namespace, job.name), job)
    return known


@given(steps, st.booleans())
def test_whatever_came_first_the_lines_are_those_of_an_operator_that_has_just_started(
    steps: list[tuple[TaskFacts | PodFacts, bool]], followed: bool
) -> None:
    known, left = started("before-uid" if followed else "demo-uid"), dict[Any, TaskFacts | PodFacts]()
    for thing, goes in steps:
        left.pop(at(thing), None)
        if not goes:
            left[at(thing)] = thing
        put(known, thing, goes=goes)
    if followed:
        job = build.job(usesTaskDependencies=True)
        known.put_job((job.namespace, job.name), job)
    fresh = started()
    for thing in left.values():
        put(fresh, thing, goes=False)
    seen, wanted = known.view().tasks, fresh.view().tasks
    assert (seen.waiting, seen.running, seen.begun) == (wanted.waiting, wanted.running, wanted.begun)
    assert seen.counts.startable == wanted.counts.startable


def test_a_task_leaves_its_line_with_its_pod_and_comes_back_with_its_next_attempt() -> None:
    known = started()
    first, again = build.task("one"), build.task("one", attempt=1)
    known.put_task(at(first), first)
    assert known.view().tasks.waiting == {1: [first]}
    runs = build.pod(of=first, phase="Running", labels=HERE)
    known.put_pod(at(runs), runs)
    assert (known.view().tasks.waiting, known.view().tasks.counts.startable) == ({}, 1)
    known.put_task(at(again), again)  # the old Pod may be on a machine that is silent
    assert known.view().tasks.waiting == {1: [again]}


def test_a_pod_that_says_it_is_of_a_range_keeps_no_range_from_its_line() -> None:
    known = started()
    sweep = build.task("sweep", id=names.range_key("demo.sweep"), indexes=Indexes(1, 9))
    known.put_task(at(sweep), sweep)
    forged = build.pod(of=sweep, labels=HERE)
    known.put_pod(at(forged), forged)
    assert known.view().tasks.waiting == {1: [sweep]}
