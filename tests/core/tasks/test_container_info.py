"""What a task tells of the container that it ran in (Azure 4.4: containerInfo)."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.core.actions import Patch
from batchyard.core.facts import ContainerFacts
from tests import build


def written(container: ContainerFacts, phase: str = "Failed", **task: Any) -> dict[str, Any]:
    """ExecutionInfo after the end of its Pod."""
    facts = build.task(state="running", **task)
    pod = build.pod(of=facts, phase=phase, containers={"task": container})
    view = build.view(build.job(), tasks=build.tasks(facts), task_pods=(pod,), nodes={"node1": build.job_node(tasksStarted=True)})  # fmt: skip
    done = build.planned(build.snapshot(view, of=build.pool(), **build.serving("node1"))).actions
    (status,) = (a.body["status"] for a in done if isinstance(a, Patch) and a.ref == facts.ref)
    info: dict[str, Any] = status["executionInfo"]
    return info


@pytest.mark.parametrize("exit_code", [0, 3])
def test_a_completed_task_tells_the_container_that_it_ran_in(exit_code: int) -> None:
    info = written(build.ended(build.line(exit_code), exit_code, id="containerd://1"))
    assert info["containerInfo"] == {"containerId": "containerd://1", "state": "exited"}


def test_a_container_that_could_not_be_made_tells_why() -> None:
    waits = ContainerFacts(waiting_reason="ErrImagePull", waiting_message="no such image")
    info = written(waits, pending_failure="ContainerInvalidImage")
    assert info["containerInfo"] == {"state": "created", "error": "ErrImagePull: no such image"}


def test_a_task_that_is_to_run_again_tells_of_no_container() -> None:
    info = written(build.ended(build.line(3), 3), max_retries=1)
    assert info["containerInfo"] is None


def test_a_task_that_never_had_one_tells_of_none() -> None:
    assert "containerInfo" not in written(ContainerFacts(), pending_failure="ContainerInvalidImage")
