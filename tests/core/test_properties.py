"""What holds for every pool, job and task that can be thought of (Azure 1.3, 3.1; design S12)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchyard.core.facts import TaskFacts, in_order
from batchyard.core.tasks.scheduling import Placement, Queue, Readiness, place
from tests import build

NODES = ("node1", "node2", "node3")
free = st.dictionaries(st.sampled_from(NODES), st.integers(-1, 4))
readiness = st.dictionaries(st.sampled_from(NODES), st.sampled_from(list(Readiness)))


@st.composite
def queue(draw: st.DrawFn, name: str) -> Queue:
    slots = draw(st.lists(st.integers(1, 3), max_size=6))
    tasks = [
        build.task(
            f"{name}-{n}",
            required_slots=each,
            order=(n, ""),
            affinity=draw(st.sampled_from(("", *NODES))),
            avoids=draw(st.sampled_from(("", "", *NODES))),
        )
        for n, each in enumerate(slots)
    ]
    busy = st.frozensets(st.sampled_from(NODES))
    limit = draw(st.none() | st.integers(0, 3))
    return Queue(
        name, draw(st.integers(-2, 2)), draw(st.integers(0, 2)), build.lines(tasks), limit, draw(readiness), draw(busy)
    )


queues = st.lists(st.sampled_from("abc"), unique=True).flatmap(lambda names: st.tuples(*map(queue, names)))


def used(placements: list[Placement], node: str) -> int:
    return sum(p.task.required_slots for p in placements if p.node == node)


@given(free, queues, st.booleans())
def test_no_node_ever_gets_more_than_its_free_slots(
    free: dict[str, int], queues: tuple[Queue, ...], pack: bool
) -> None:
    placements = place(free, queues, pack=pack)
    assert all(used(placements, node) <= max(slots, 0) for node, slots in free.items())


@given(free, queues, st.booleans())
def test_each_task_is_placed_at_most_once_and_within_its_jobs_limit(
    free: dict[str, int], queues: tuple[Queue, ...], pack: bool
) -> None:
    placements = place(free, queues, pack=pack)
    assert len({p.task.ref.uid for p in placements}) == len(placements)
    for each in queues:
        assert each.limit is None or sum(p.job == each.job for p in placements) <= each.limit


@given(free, queues, st.booleans())
def test_no_task_goes_where_its_job_is_excluded(free: dict[str, int], queues: tuple[Queue, ...], pack: bool) -> None:
    by_name = {each.job: each for each in queues}
    assert all(by_name[p.job].on(p.node) is not Readiness.EXCLUDED for p in place(free, queues, pack=pack))


@given(free, queues, st.booleans(), st.randoms())
def test_the_order_of_the_input_does_not_matter(
    free: dict[str, int], queues: tuple[Queue, ...], pack: bool, chance: object
) -> None:
    shuffled, nodes = list(queues), list(free.items())
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    chance.shuffle(nodes)  # type: ignore[attr-defined]
    assert place(free, queues, pack=pack) == place(dict(nodes), shuffled, pack=pack)


@given(st.integers(-2, 2), st.integers(-2, 2))
def test_of_two_jobs_the_one_with_higher_priority_gets_the_last_slot(first: int, second: int) -> None:
    queues = [
        Queue("a", first, 0, build.lines([build.task("a")])),
        Queue("b", second, 0, build.lines([build.task("b")])),
    ]
    (only,) = place({"node1": 1}, queues, pack=False)
    assert only.job == ("b" if second > first else "a")


def placed_by_looking_at_every_node(free: dict[str, int], queues: tuple[Queue, ...], *, pack: bool) -> list[Placement]:
    """The rules of placement said as simply as they can be; what place() must come to as well."""
    left, placements = dict(free), list[Placement]()
    for queue in sorted(queues, key=lambda q: (-q.priority, q.created, q.job)):
        owed = {n for n, how_far in queue.readiness.items() if how_far in (Readiness.PREPARING, Readiness.UNMARKED)}
        idle = {n for n, how_far in queue.readiness.items() if how_far is Readiness.READY and n not in queue.busy}
        turns = dict.fromkeys(owed, 1) | {n: 0 for n in idle if owed}
        tasks = sorted((task for line in queue.tasks.values() for task in line), key=in_order)
        placed = 0
        for task in tasks:
            open_ = [n for n in left if queue.on(n) is not Readiness.EXCLUDED and n != task.avoids]
            fitting = [n for n in open_ if left[n] >= task.required_slots]
            if placed == queue.limit or not fitting:
                continue

            def rank(node: str, task: TaskFacts = task, queue: Queue = queue, turns: dict[str, int] = turns) -> tuple[object, ...]:  # fmt: skip
                emptiness = left[node] if pack else -left[node]
                return node != task.affinity, turns.get(node, 2), emptiness, queue.on(node) is Readiness.FRESH, node

            node = min(fitting, key=rank)
            placements.append(Placement(queue.job, task, node, queue.on(node)))
            left[node] -= task.required_slots
            turns.pop(node, None)
            placed += 1
    return placements


@given(free, queues, st.booleans())
def test_the_best_node_is_the_one_that_a_look_at_every_node_finds(
    free: dict[str, int], queues: tuple[Queue, ...], pack: bool
) -> None:
    assert place(free, queues, pack=pack) == placed_by_looking_at_every_node(free, queues, pack=pack)
