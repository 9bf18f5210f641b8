"""Tasks of a machine that is silent start elsewhere only at the user's word (S7, Azure 6.4)."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.core.pools.lost import given_up_at, without_lost
from tests import build
from tests.build import T0

SILENT: dict[str, Any] = {"ready": False, "silent_since": T0}


@pytest.mark.parametrize(
    ("pool", "node", "moment"),
    [
        ({}, SILENT, None),
        ({"lostAfter": "PT10M"}, SILENT, T0 + 600),
        ({"lostAfter": "PT10M"}, {"ready": True}, None),
        ({}, {**SILENT, "fenced": True}, 0),
        ({}, {"ready": True, "fenced": True}, None),
    ],
)
def test_tasks_of_a_silent_node_are_waited_for_unless_its_pool_or_a_taint_says_otherwise(
    pool: dict[str, Any], node: dict[str, Any], moment: float | None
) -> None:
    assert given_up_at(build.pool(**pool), build.node(**node)) == moment


@pytest.mark.parametrize(("now", "recovered"), [(T0 + 599, 0), (T0 + 600, 1)])
def test_task_of_a_silent_node_is_recovered_when_its_time_is_up(now: float, recovered: int) -> None:
    """Not the user's retries: recoveryCount."""
    task = build.task(state="running", node="node1")
    view = build.view(build.job(), tasks=build.tasks(task), task_pods=(build.pod(of=task, phase="Running"),))
    parts = {**build.serving("node1"), "nodes": {"node1": build.node(**SILENT)}}
    s = build.snapshot(view, of=build.pool(lostAfter="PT10M"), now=now, **parts)
    plan = build.planned(s)
    written = [a.body["status"] for a in plan.actions if getattr(a, "ref", None) and a.ref.name == task.ref.name]  # type: ignore[union-attr]
    assert sum(status.get("recoveryCount", 0) for status in written) == recovered
    assert recovered or (plan.wake_at or 0) <= T0 + 600


def test_machine_that_comes_back_brings_its_tasks_back() -> None:
    task = build.task()
    view = build.view(build.job(), tasks=build.tasks(task), task_pods=(build.pod(of=task, phase="Running"),))
    s = build.snapshot(view, of=build.pool(lostAfter="PT10M"), now=T0 + 9999, nodes={"node1": build.node()})
    assert without_lost(s) is s
