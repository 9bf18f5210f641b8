"""What a pool cannot give is refused in words: root where it is forbidden, a command without an image."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.core.actions import Apply, Create, Patch, Plan
from tests import build

ADMIN = {"autoUser": {"elevationLevel": "admin"}}
READY: dict[str, Any] = {"jobPreparationTaskExecutionInfo": build.prepared(), "tasksStarted": True}


def plan_for(pool: dict[str, Any], task: dict[str, Any] | None = None, **job: Any) -> Plan:
    of = build.job(**job)
    tasks = build.tasks(build.task(spec=task))
    view = build.view(of, tasks=tasks, nodes={"node1": build.job_node(**READY)})
    return build.planned(build.snapshot(view, of=build.pool(**pool), **build.serving("node1")))


def said(plan: Plan, kind: str) -> list[dict[str, Any]]:
    patches = [a for a in plan.actions if isinstance(a, Patch) and a.ref.kind == kind and a.subresource]
    return [c for a in patches for c in a.body["status"].get("conditions", []) if c["reason"] == "Misconfigured"]


def pods(plan: Plan) -> list[dict[str, Any]]:
    return [a.manifest for a in plan.actions if isinstance(a, Create) and a.kind == "Pod"]


@pytest.mark.parametrize(("pool", "task"), [({}, {"userIdentity": ADMIN}), ({"containerSettings": None}, {})])
def test_a_task_that_the_pool_cannot_run_is_refused(pool: dict[str, Any], task: dict[str, Any]) -> None:
    plan = plan_for(pool, task)
    assert not pods(plan)
    assert [(c["type"], c["status"]) for c in said(plan, "BatchTask")] == [("Admitted", "False"), ("Stalled", "True")]


def test_a_pool_that_allows_admin_gives_it() -> None:
    (pod,) = pods(plan_for({"maxElevationLevel": "admin"}, {"userIdentity": ADMIN}))
    assert pod["spec"]["containers"][0]["securityContext"]["runAsUser"] == 0


def test_a_preparation_that_the_pool_cannot_run_holds_its_job_and_says_so() -> None:
    plan = plan_for({}, jobPreparationTask={**build.PREPARATION, "userIdentity": ADMIN})
    assert not pods(plan)
    assert [c["type"] for c in said(plan, "BatchJob")] == ["Admitted"]


def test_a_start_task_without_image_makes_no_daemon_set_and_says_so() -> None:
    plan = plan_for({"containerSettings": None, "startTask": {"commandLine": "true"}})
    assert not [
        a for a in plan.actions if isinstance(a, Apply) and "batchyard.io/job" not in a.manifest["metadata"]["labels"]
    ]
    assert said(plan, "BatchPool")


def test_the_longest_terminate_reason_fits_the_status() -> None:
    plan = plan_for({}, desiredState="terminated", terminateReason="x" * 1024)
    (status,) = [
        a.body["status"] for a in plan.actions if isinstance(a, Patch) and a.ref.kind == "BatchJob" and a.subresource
    ]
    assert build.job(status=status).status.execution_info.terminate_reason == "x" * 1024  # type: ignore[union-attr]
