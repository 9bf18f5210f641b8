"""The states of a job (Azure 3.2 to 3.4)."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.api.states import JobState
from batchyard.core.lifecycle import Phase, phase
from batchyard.core.records import records
from tests import build

STEPS: dict[str, Any] = {"jobPreparationTask": build.PREPARATION, "jobReleaseTask": build.RELEASE}
DONE = build.task("done", state="completed", succeeded=True)


def found(now: float = build.T0 + 60, *, parts: dict[str, Any] | None = None, **job: Any) -> Phase:
    of = build.job(**job)
    view = build.view(of, **(parts or {}))
    s = build.snapshot(view, of=build.pool(), now=now, **build.serving("node1"))
    return phase(view, of, records(view.nodes, of, s.nodes, "sample-uid"), s)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"desiredState": "terminated"}, "UserTerminate"),
        ({"desiredState": "terminated", "terminateReason": "enough"}, "enough"),
        ({"constraints": {"maxWallClockTime": "PT30S"}}, "MaxWallClockTimeExpiry"),
        ({"onAllTasksComplete": "terminatejob"}, "AllTasksComplete"),
    ],
)
def test_a_job_ends_for_a_reason(spec: dict[str, Any], reason: str) -> None:
    """3.4; 3.3: a job without tasks counts as complete."""
    assert found(**spec) == Phase(JobState.TERMINATING, reason)


def test_an_open_task_keeps_its_job_alive() -> None:
    tasks = build.tasks(DONE, build.task("open"))
    assert found(parts={"tasks": tasks}, onAllTasksComplete="terminatejob").state is JobState.ACTIVE


def test_inline_tasks_that_are_not_made_yet_keep_their_job_alive() -> None:
    inline = [{"id": "later", "commandLine": "true"}]
    assert found(onAllTasksComplete="terminatejob", tasks=inline).state is JobState.ACTIVE


def test_completed_stays_completed_whatever_is_wished() -> None:
    """S14."""
    assert found(status={"state": "completed"}, desiredState="active").state is JobState.COMPLETED


def test_a_job_waits_for_its_release_before_it_is_completed() -> None:
    """3.8.8."""
    node = build.job_node(jobPreparationTaskExecutionInfo=build.prepared(), tasksStarted=True)
    ending = found(status={"state": "terminating"}, parts={"nodes": {"node1": node}}, **STEPS)
    assert ending.state is JobState.TERMINATING
    assert len(ending.steps) == 1


def test_a_job_that_used_no_node_is_completed_at_once() -> None:
    """3.8.15."""
    assert found(status={"state": "terminating"}, **STEPS).state is JobState.COMPLETED


def test_no_release_begins_while_a_task_still_runs() -> None:
    """S2, 3.8.5."""
    node = build.job_node(jobPreparationTaskExecutionInfo=build.prepared(), tasksStarted=True)
    pod = build.pod(of=DONE, phase="Running")
    ending = found(status={"state": "terminating"}, parts={"nodes": {"node1": node}, "task_pods": (pod,)}, **STEPS)
    assert [type(step).__name__ for step in ending.steps] == ["Delete"]
