"""Which task goes where (Azure 1.3: spread, pack, slots)."""

from __future__ import annotations

from batchyard.core.scheduling import Queue, Readiness, place
from tests import build


def nodes(free: dict[str, int], slots: list[int], *, pack: bool = False, **more: object) -> list[str]:
    tasks = [build.task(f"t{n}", required_slots=each) for n, each in enumerate(slots)]
    return [p.node for p in place(free, [Queue("demo", 0, 0, tasks, **more)], pack=pack)]  # type: ignore[arg-type]


def test_spread_fills_the_emptiest_node_first() -> None:
    assert nodes({"node1": 2, "node2": 2}, [1, 1]) == ["node1", "node2"]


def test_pack_fills_one_node_before_the_next() -> None:
    assert nodes({"node1": 2, "node2": 2}, [1, 1, 1], pack=True) == ["node1", "node1", "node2"]


def test_a_task_that_does_not_fit_is_passed_over() -> None:
    assert nodes({"node1": 1}, [2, 1]) == ["node1"]


def test_a_node_prepared_for_the_job_that_ran_none_of_its_tasks_comes_first() -> None:
    assert nodes({"node1": 4, "node2": 1}, [1], readiness={"node2": Readiness.UNMARKED}) == ["node2"]


def test_no_more_than_the_jobs_limit_are_placed() -> None:
    assert nodes({"node1": 4}, [1, 1, 1], limit=2) == ["node1", "node1"]
