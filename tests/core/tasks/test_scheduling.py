"""Which task goes where (Azure 1.3: spread, pack, slots)."""

from __future__ import annotations

from time import perf_counter

import pytest

from batchyard.core.tasks.scheduling import Queue, Readiness, place
from tests import build


def nodes(
    free: dict[str, int], slots: list[int], *, pack: bool = False, affinity: str = "", **more: object
) -> list[str]:
    tasks = [build.task(f"t{n}", required_slots=each, affinity=affinity) for n, each in enumerate(slots)]
    return [p.node for p in place(free, [Queue("demo", 0, 0, build.lines(tasks), **more)], pack=pack)]  # type: ignore[arg-type]


def test_spread_fills_the_emptiest_node_first() -> None:
    assert nodes({"node1": 2, "node2": 2}, [1, 1]) == ["node1", "node2"]


def test_pack_fills_one_node_before_the_next() -> None:
    assert nodes({"node1": 2, "node2": 2}, [1, 1, 1], pack=True) == ["node1", "node1", "node2"]


def test_a_task_that_does_not_fit_is_passed_over() -> None:
    assert nodes({"node1": 1}, [2, 1]) == ["node1"]


def test_a_node_prepared_for_the_job_that_ran_none_of_its_tasks_comes_first() -> None:
    assert nodes({"node1": 4, "node2": 1}, [1], readiness={"node2": Readiness.UNMARKED}) == ["node2"]


@pytest.mark.parametrize("how_far", [Readiness.PREPARING, Readiness.UNMARKED])
@pytest.mark.parametrize("pack", [False, True])
def test_a_node_that_is_marked_and_idle_comes_before_those_that_are_to_be(how_far: Readiness, pack: bool) -> None:
    """Else it would be released though nothing ran there (3.8.2)."""
    marked = {"node1": how_far, "node2": Readiness.READY}
    assert nodes({"node1": 4, "node2": 1}, [1, 1], pack=pack, readiness=marked) == ["node2", "node1"]
    assert nodes({"node1": 4, "node2": 3}, [1], pack=pack, readiness=marked, busy={"node2": 1}) == ["node1"]
    assert nodes({"node1": 4, "node2": 1}, [1], readiness={"node2": Readiness.READY}) == ["node1"]


def test_no_more_than_the_jobs_limit_are_placed() -> None:
    assert nodes({"node1": 4}, [1, 1, 1], limit=2) == ["node1", "node1"]


def test_of_jobs_with_one_priority_the_older_comes_first() -> None:
    """1.3: jobDefaultOrder creationtime; none promises no order."""
    queues = [Queue(name, 0, created, build.lines([build.task(name)])) for name, created in (("a", 2), ("b", 1))]
    assert [p.job for p in place({"node1": 1}, queues, pack=False)] == ["b"]


def test_a_task_goes_to_the_node_it_prefers_and_elsewhere_when_that_is_busy() -> None:
    """4.1: affinityInfo is a soft preference."""
    assert nodes({"node1": 4, "node2": 1}, [1, 1], affinity="node2") == ["node2", "node1"]


def test_a_task_that_prefers_a_node_where_preparation_failed_goes_elsewhere() -> None:
    assert nodes({"node1": 1, "node2": 1}, [1], affinity="node2", readiness={"node2": Readiness.EXCLUDED}) == ["node1"]


def test_a_task_stays_away_from_a_node_that_had_no_room_for_its_pod() -> None:
    tasks = {1: [build.task("a", avoids="node1"), build.task("b")]}
    placements = place({"node1": 1}, [Queue("demo", 0, 0, tasks)], pack=False)
    assert [(p.task.id, p.node) for p in placements] == [("b", "node1")]


def test_a_long_line_of_tasks_that_are_too_big_is_not_looked_through() -> None:
    line = iter([build.task(f"big{n}", required_slots=4) for n in range(1000)])
    assert place({"node1": 3}, [Queue("demo", 0, 0, {4: line})], pack=False) == []
    assert len([*line]) == 999


def test_thousands_of_tasks_find_their_place_among_thousands_of_nodes_without_a_look_at_each() -> None:
    free = {f"node{n:04}": 4 for n in range(2000)}
    tasks = [build.task(f"t{n}") for n in range(8000)]
    begin = perf_counter()
    placements = place(free, [Queue("demo", 0, 0, {1: tasks})], pack=False)
    assert len(placements) == 8000
    assert perf_counter() - begin < 4, "0.5 ms for each; one look at every node costs more"
