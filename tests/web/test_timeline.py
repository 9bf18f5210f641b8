"""What each node did and when, as bars."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from batchyard.cli.web import timeline
from tests.cli.objects import record, task

Object = dict[str, Any]
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def when(seconds: float) -> str:
    return f"{BEGIN + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


def ran(name: str, node: str, start: int, end: int | None, result: str = "success") -> Object:
    info = {"startTime": when(start)} | ({} if end is None else {"endTime": when(end), "result": result})
    return task(name, "running" if end is None else "completed", node=node, info=info)


def bars(found: Object) -> dict[str, list[tuple[Any, ...]]]:
    """By node, in seconds from the beginning."""
    zero = BEGIN.timestamp()
    return {
        row["node"]: [(a - zero, None if b is None else b - zero, *rest) for a, b, *rest in row["bars"]]
        for row in found["rows"]
    }


def test_each_task_is_a_bar_on_its_node_and_nodes_are_in_natural_order() -> None:
    tasks = [ran("a", "node10", 0, 5), ran("b", "node2", 1, 4, "failure"), ran("c", "node2", 6, None), task("d")]
    found = timeline.shown(tasks, [])
    assert [*bars(found)] == ["node2", "node10"]
    assert bars(found) == {
        "node2": [(1, 4, "failure", "b", 0), (6, None, "running", "c", 0)],
        "node10": [(0, 5, "success", "a", 0)],
    }
    assert (found["begin"] - BEGIN.timestamp(), found["end"] - BEGIN.timestamp(), found["binned"]) == (0, 6, False)


def test_preparation_and_release_are_bars_too() -> None:
    over = {"state": "completed"}
    steps: Any = {
        "jobPreparationTaskExecutionInfo": {"startTime": when(0), "endTime": when(2), "result": "success", **over},
        "jobReleaseTaskExecutionInfo": {"startTime": when(9), "endTime": when(10), "result": "failure", **over},
    }
    found = timeline.shown([], [record("node1", **steps)])
    assert bars(found)["node1"] == [(0, 2, "preparation", "preparation", 0), (9, 10, "failure", "release failed", 0)]


def again() -> Any:
    """A node has booted anew: its preparation runs once more, and how it ended before still stands there."""
    before = {"endTime": when(2), "result": "failure", "exitCode": 3}
    return {"jobPreparationTaskExecutionInfo": {"state": "running", "startTime": when(50), **before}}


def test_preparation_that_runs_again_goes_on_and_has_not_failed() -> None:
    assert bars(timeline.shown([], [record("node1", **again())]))["node1"] == [(50, None, "preparation", "preparation", 0)]  # fmt: skip


SPANS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20) | st.none()), min_size=1, max_size=30)


@given(SPANS)
def test_tasks_that_ran_beside_each_other_never_lie_on_each_other(spans: list[tuple[int, int | None]]) -> None:
    tasks = [ran(f"t{n}", "node1", start, None if took is None else start + took) for n, (start, took) in enumerate(spans)]  # fmt: skip
    [row] = timeline.shown(tasks, [])["rows"]
    assert len(row["bars"]) == len(spans)
    for lane in range(row["lanes"]):
        mine = [each for each in row["bars"] if each[4] == lane]
        ends = [float("inf") if end is None else end for _, end, *_ in mine]
        assert all(end <= later[0] for end, later in zip(ends, mine[1:], strict=False))
        assert mine


def test_of_very_many_tasks_the_worst_of_each_moment_is_shown() -> None:
    tasks = [ran(f"t{n}", f"node{n % 10}", n, n + 10) for n in range(20_000)]
    tasks[5000] = ran("t5000", "node0", 5000, 5010, "failure")
    found = timeline.shown(tasks, [])
    told = bars(found)
    assert found["binned"]
    assert sum(len(each) for each in told.values()) <= 10 * timeline.MOMENTS
    failures = [(start, end) for start, end, what, *_ in told["node0"] if what == "failure"]
    assert len(failures) == 1
    assert failures[0][0] <= 5000 < failures[0][1]
    assert all(what == "success" for node in told if node != "node0" for _, _, what, *_ in told[node])


def test_of_tasks_that_need_more_lanes_than_a_browser_draws_each_node_has_one() -> None:
    found = timeline.shown([ran(f"t{n}", f"node{n % 20}", 0, 100) for n in range(2000)], [])
    assert found["binned"]
    assert [row["lanes"] for row in found["rows"]] == [1] * 20


def test_of_very_many_nodes_those_with_failures_are_shown() -> None:
    tasks = [ran(f"t{n}", f"node{n}", n, n + 1, "failure" if n == 900 else "success") for n in range(1000)]
    found = timeline.shown(tasks, [])
    assert (len(found["rows"]), found["nodesTotal"]) == (timeline.MOST_NODES, 1000)
    assert "node900" in bars(found)


def test_job_of_which_nothing_has_begun_has_no_bars() -> None:
    assert timeline.shown([task("a")], [record("node1")])["rows"] == []
