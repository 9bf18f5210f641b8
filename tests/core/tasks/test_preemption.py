"""Which running tasks go for tasks of higher priority (Azure: allowTaskPreemption)."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchyard.core.actions import Ref
from batchyard.core.tasks.preemption import Room, Runner
from batchyard.core.tasks.scheduling import Queue, Readiness, place
from tests import build

NODES = ("node1", "node2")


def runner(name: str, priority: int = 0, *, node: str = "node1", slots: int = 1, since: float = 0, going: bool = False) -> Runner:  # fmt: skip
    return Runner(Ref("Pod", build.NAMESPACE, name, name, "1"), node, slots, priority, since, going)


def queue(*slots: int, priority: int = 10, limit: int | None = None, name: str = "high", **readiness: Readiness) -> Queue:  # fmt: skip
    tasks = [build.task(f"{name}{n}", required_slots=each) for n, each in enumerate(slots)]
    return Queue(name, priority, 0, build.lines(tasks), limit, readiness)


def go(room: Room) -> list[str]:
    return sorted(each.runner.pod.name for each in room.displaced())


@pytest.mark.parametrize(
    ("running", "wanted", "gone"),
    [
        ([runner("a", 0)], queue(1), ["a"]),
        ([runner("a", 10)], queue(1), []),
        ([runner("a", 11)], queue(1), []),
        ([runner("a", 1), runner("b", 0)], queue(1), ["b"]),
        ([runner("a", since=1), runner("b", since=2), runner("c", since=0)], queue(1), ["b"]),
        ([runner("a", 1), runner("b", 0, node="node2")], queue(1), ["b"]),
        ([runner("a"), runner("b"), runner("c", node="node2", slots=2)], queue(2), ["c"]),
        ([runner("a"), runner("b"), runner("c")], queue(2, 1), ["a", "b", "c"]),
        ([runner("a")], queue(2), []),
        ([runner("a", slots=3, since=1), runner("b", slots=1)], queue(3), ["a"]),
        ([runner("a", slots=1, since=1), runner("b", slots=3)], queue(3), ["b"]),
        ([runner("a", going=True), runner("b")], queue(1), []),
        ([runner("a", going=True), runner("b")], queue(1, 1), ["b"]),
        ([runner("a"), runner("b")], queue(1, 1, limit=1), ["a"]),
        ([runner("a"), runner("b", node="node2")], queue(1, node1=Readiness.EXCLUDED), ["b"]),
        ([runner("a", slots=1, since=1), runner("b", slots=3)], queue(1, 2), ["b"]),
    ],
)
def test_the_lowest_then_the_fewest_then_the_youngest_go_and_no_more_than_make_room(
    running: list[Runner], wanted: Queue, gone: list[str]
) -> None:
    free = {"node1": 0, "node2": 0}
    room = Room(free, running)
    assert place(free, [wanted], pack=False, room=room) == []
    assert go(room) == gone


def test_nobody_goes_where_a_free_slot_will_do() -> None:
    room = Room({"node1": 0, "node2": 1}, [runner("a")])
    (only,) = place({"node1": 0, "node2": 1}, [queue(1)], pack=False, room=room)
    assert (only.node, go(room)) == ("node2", [])


def test_what_is_being_made_free_is_kept_for_the_task_that_it_is_made_free_for() -> None:
    """Else a small task of low priority would slip in, and be displaced in turn, for ever."""
    free = {"node1": 1}
    low = queue(1, priority=0, name="low")
    room = Room(free, [runner("a", going=True)])
    assert place(free, [queue(2), low], pack=False, room=room) == []
    assert go(room) == []
    assert [p.job for p in place({"node1": 2}, [queue(2), low], pack=False)] == ["high"]


def test_what_is_left_over_beside_it_goes_to_others() -> None:
    free = {"node1": 2}
    room = Room(free, [runner("a", going=True)])
    placed = place(free, [queue(2), queue(1, 1, priority=0, name="low")], pack=False, room=room)
    assert [p.job for p in placed] == ["high"], "it fits as it is"


def test_a_task_that_lacks_more_than_slots_displaces_nobody() -> None:
    """A node had no room for its Pod a moment ago."""
    wants = Queue("high", 10, 0, build.lines([build.task("big", avoids="node2")]))
    room = Room({"node1": 0}, [runner("a")])
    assert place({"node1": 0}, [wants], pack=False, room=room) == []
    assert go(room) == []


def test_slots_that_were_taken_from_the_pool_must_go_before_anybody_gains() -> None:
    room = Room({"node1": -1}, [runner("a", since=1), runner("b"), runner("c", 20)])
    place({"node1": -1}, [queue(1)], pack=False, room=room)
    assert go(room) == ["a", "b"]


runners = st.lists(
    st.tuples(st.sampled_from(NODES), st.integers(1, 3), st.integers(-2, 2), st.integers(0, 3), st.booleans()),
    max_size=8,
).map(lambda all_: [Runner(Ref("Pod", "", str(n), str(n), "1"), *each) for n, each in enumerate(all_)])
frees = st.fixed_dictionaries({node: st.integers(-1, 3) for node in NODES})
wants = st.lists(
    st.tuples(
        st.lists(st.integers(1, 4), max_size=4),
        st.integers(-2, 2),
        st.none() | st.integers(0, 2),
        st.dictionaries(st.sampled_from(NODES), st.sampled_from((Readiness.EXCLUDED, Readiness.READY))),
    ),
    max_size=3,
).map(
    lambda jobs: [
        queue(*slots, priority=p, limit=limit, name=f"job{n}", **on) for n, (slots, p, limit, on) in enumerate(jobs)
    ]
)


@given(frees, runners, wants, st.booleans())
def test_never_a_task_of_an_equal_or_higher_priority(
    free: dict[str, int], running: list[Runner], jobs: list[Queue], pack: bool
) -> None:
    room = Room(free, running)
    place(free, jobs, pack=pack, room=room)
    priority = {each.job: each.priority for each in jobs}
    assert all(each.runner.priority < priority[each.by] and not each.runner.going for each in room.displaced())


@given(frees, runners, st.integers(1, 4), st.integers(-1, 2))
def test_of_all_that_could_go_for_a_task_the_lowest_and_fewest_do(
    free: dict[str, int], running: list[Runner], slots: int, priority: int
) -> None:
    """Against a look at every set of tasks on every node."""
    room = Room(free, running)
    if place(free, [queue(slots, priority=priority)], pack=False, room=room):
        assert not room.displaced()
        return
    ways = list[tuple[int, int]]()
    for node in NODES:
        here = [r for r in running if r.node == node]
        there = free[node] + sum(r.slots for r in here if r.going)
        may_go = [r for r in here if not r.going and r.priority < priority]
        for some in (each for n in range(len(may_go) + 1) for each in combinations(may_go, n)):
            if here and there + sum(r.slots for r in some) >= slots:
                ways.append((max((r.priority for r in some), default=-9), len(some)))
    gone = [each.runner for each in room.displaced()]
    assert (max((r.priority for r in gone), default=-9), len(gone)) == min(ways, default=(-9, 0))


@given(st.integers(-1, 3), runners, st.lists(st.integers(1, 4), max_size=5))
def test_with_any_fewer_gone_not_all_would_start_that_are_to_start(
    slots: int, running: list[Runner], wanted: list[int]
) -> None:
    running = [replace(each, node="node1") for each in running]
    room = Room({"node1": slots}, running)
    place({"node1": slots}, [queue(*wanted)], pack=False, room=room)
    gone = [each.runner for each in room.displaced()]
    later = slots + sum(r.slots for r in running if r.going or r in gone)
    started = sum(p.task.required_slots for p in place({"node1": later}, [queue(*wanted)], pack=False))
    assert all(later - each.slots < started for each in gone)


@given(frees, runners, st.integers(1, 4), st.integers(-1, 2))
def test_while_they_go_nobody_else_is_asked(
    free: dict[str, int], running: list[Runner], slots: int, priority: int
) -> None:
    room, wanted = Room(free, running), queue(slots, priority=priority)
    before = place(free, [wanted], pack=False, room=room)
    gone = {each.runner.pod.name for each in room.displaced()}
    again = Room(free, [replace(each, going=each.going or each.pod.name in gone) for each in running])
    assert place(free, [wanted], pack=False, room=again) == before
    assert not again.displaced()
