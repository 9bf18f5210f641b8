"""Whatever Pods come and go in whatever order: the counts are those of a look at every Pod."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from batchyard.core.facts import ContainerFacts, PodFacts
from batchyard.core.load import IDLE, Load, slots_of
from batchyard.core.tasks.task_pods import TaskPods
from tests import build

NAMES = ("one", "two", "three")
WAITS = {"task": ContainerFacts(waiting_reason="ImagePullBackOff")}


@st.composite
def pods(draw: st.DrawFn) -> PodFacts:
    """A version of one of a few Pods; two of them are attempts of one task."""
    name = draw(st.sampled_from(NAMES))
    task = build.task("shared" if name != "one" else "own", required_slots=draw(st.integers(1, 3)))
    return build.pod(
        of=task,
        name=name,
        node=draw(st.sampled_from(("node1", "node2"))),
        phase=draw(st.sampled_from(("Pending", "Running", "Running", "Succeeded"))),
        bound=draw(st.booleans()),
        deleting_since=draw(st.sampled_from((None, None, 1.0))),
        containers=draw(st.sampled_from(({}, {}, WAITS))),
    )


@given(st.lists(st.tuples(pods(), st.booleans()), max_size=15))
def test_counts_after_any_sequence_are_those_of_a_look_at_every_pod(steps: list[tuple[PodFacts, bool]]) -> None:
    index, left = TaskPods(), dict[str, PodFacts]()
    for pod, goes in steps:
        if (old := left.pop(pod.ref.name, None)) is not None:
            index.drop(old)
        if not goes:
            index.put(pod)
            left[pod.ref.name] = pod
    live = [pod for pod in left.values() if not pod.ended]
    load = dict[str, Load]()
    for pod in live:
        load[pod.node] = load.get(pod.node, IDLE).plus(slots_of(pod))
    assert {pod.ref.name: pod for pod in index} == left
    assert len(index) == len(left)
    assert (index.running, index.load, index.live) == (len(live), load, Counter(pod.unit for pod in live))
    assert {pod.ref.name for pod in index.ended} == {pod.ref.name for pod in left.values() if pod.ended}


@given(pods())
def test_only_a_pod_that_runs_and_is_asked_nothing_is_at_work(pod: PodFacts) -> None:
    calm = pod.phase == "Running" and pod.deleting_since is None and not pod.containers
    assert bool(TaskPods([pod]).at_work) is calm


def test_pod_that_is_of_another_owner_than_it_says_is_not_at_work() -> None:
    pod = build.pod(of=build.task(), phase="Running")
    assert not TaskPods([replace(pod, owner_uid="somebody")]).at_work
