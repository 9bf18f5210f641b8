"""What a node tells of its start task (Azure 6.4: startTaskInfo)."""

from __future__ import annotations

from typing import Any

from batchyard.api import names
from batchyard.core.actions import Patch
from batchyard.core.pods.pool import START_TASK
from tests import build


def told(container_id: str, status: dict[str, Any]) -> dict[str, Any]:
    """What is written about a node whose start task has finally failed, in that container."""
    failed = build.ended(build.line(1), 1, id=container_id)
    pod = build.pod(names.COMPONENT_POOL_NODE, containers={START_TASK: failed})
    parts = {**build.serving("node1"), "members": {"node1": build.member(status=status)}, "pods": {"node1": pod}}
    pool = build.pool(targetDedicatedNodes=1, startTask={"commandLine": "start", "waitForSuccess": True})
    done = build.planned(build.snapshot(of=pool, **parts)).actions
    found = (a.body["status"] for a in done if isinstance(a, Patch) and a.ref.kind == "BatchNode" and a.subresource)
    return next(found, {})


def test_a_failed_start_task_tells_its_container() -> None:
    assert told("c1", {})["startTaskInfo"]["containerInfo"]["containerId"] == "c1"


def test_restarts_that_only_recall_the_failure_are_nothing_new() -> None:
    """The kubelet starts the container again every few minutes, for ever."""
    assert "startTaskInfo" not in told("c2", told("c1", {}))
