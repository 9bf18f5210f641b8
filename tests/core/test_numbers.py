from __future__ import annotations

from typing import Any

from batchyard.core.numbers import Numbers, numbers
from tests import build


def waits(reason: str, state: str = "active") -> dict[str, Any]:
    condition = {"type": "Admitted", "status": "False", "reason": reason, "lastTransitionTime": "2026-01-01T00:00:00Z"}
    return {"state": state, "conditions": [condition]}


def test_pool_that_nobody_has_written_and_no_job_names_is_nothing() -> None:
    assert numbers(build.snapshot()) == Numbers()


def test_tasks_of_all_jobs_are_added_up_by_state() -> None:
    first = build.job("first", status={"state": "active", "taskCounts": {"active": 3, "running": 1, "succeeded": 2}})
    second = build.job("second", status={"state": "completed", "taskCounts": {"succeeded": 5, "failed": 1}})
    found = numbers(build.snapshot(build.view(first), build.view(second), of=build.pool()))
    assert found.tasks == {"active": 3, "preparing": 0, "running": 1, "succeeded": 7, "failed": 1}
    assert found.jobs == {"active": 1, "completed": 1}


def test_nodes_are_counted_by_what_they_do() -> None:
    members = {name: build.member(name, status={"state": "idle"}) for name in ("a", "b")}
    pool = build.pool(targetDedicatedNodes=3, targetLowPriorityNodes=1)
    found = numbers(build.snapshot(of=pool, members={**members, "new": build.member("new")}))
    assert (found.nodes, found.target_nodes) == ({"idle": 2}, 4)


def test_jobs_that_wait_are_counted_by_reason_and_only_while_they_are_active() -> None:
    jobs = [
        build.job("one", status=waits("PoolResizing")),
        build.job("two", status=waits("PoolResizing")),
        build.job("disabled", status=waits("Suspended", "disabled")),
    ]
    assert numbers(build.snapshot(*map(build.view, jobs), of=build.pool())).waiting == {"PoolResizing": 2}
