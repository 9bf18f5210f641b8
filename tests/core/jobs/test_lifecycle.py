"""The states of a job (Azure 3.2 to 3.4)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchyard.api.states import DisableTasks, JobDesiredState, JobState
from batchyard.core.jobs.lifecycle import LIVES, Phase, fate, pause, phase
from batchyard.core.jobs.records import records
from batchyard.core.tasks.evictions import Fate
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


W = DisableTasks.WAIT
R = DisableTasks.REQUEUE


@pytest.mark.parametrize(
    ("before", "disabled", "option", "quiet", "after"),
    [
        ("active", False, R, False, "active"),
        ("active", True, R, True, "disabling"),
        ("disabling", True, R, False, "disabling"),
        ("disabling", True, R, True, "disabled"),
        ("disabling", False, R, False, "disabling"),
        ("disabling", False, R, True, "disabled"),
        ("disabling", False, W, False, "enabling"),
        ("disabling", True, W, False, "disabling"),
        ("disabled", True, R, True, "disabled"),
        ("disabled", False, R, True, "enabling"),
        ("enabling", False, R, True, "active"),
        ("enabling", True, R, True, "disabling"),
    ],
)
def test_a_job_goes_one_step_at_a_time_between_active_and_disabled(
    before: str, disabled: bool, option: DisableTasks, quiet: bool, after: str
) -> None:
    """3.2."""
    assert pause(JobState(before), disabled, option, quiet=quiet).value == after


@given(st.sampled_from(LIVES), st.booleans(), st.sampled_from(DisableTasks))
def test_what_is_wished_is_reached_when_nothing_runs(state: JobState, disabled: bool, option: DisableTasks) -> None:
    for _ in range(3):
        state = pause(state, disabled, option, quiet=True)
    assert state is (JobState.DISABLED if disabled else JobState.ACTIVE)
    assert pause(state, disabled, option, quiet=True) is state


@given(st.sampled_from(JobDesiredState), st.sampled_from(["terminating", "completed"]), st.booleans())
def test_an_end_that_has_begun_is_never_taken_back(wished: JobDesiredState, before: str, busy: bool) -> None:
    """S14."""
    pods = (build.pod(of=build.task(), phase="Running"),) if busy else ()
    after = found(status={"state": before}, desiredState=wished, parts={"task_pods": pods}).state
    assert after.value in (before, "completed")


@pytest.mark.parametrize(
    ("state", "option", "what"),
    [
        ("active", "requeue", None),
        ("enabling", "requeue", None),
        ("disabling", "requeue", Fate.REQUEUE),
        ("disabling", "terminate", Fate.TERMINATE),
        ("disabling", "wait", None),
        ("terminating", "requeue", Fate.TERMINATE),
        ("completed", "requeue", Fate.TERMINATE),
    ],
)
def test_running_tasks_are_touched_only_when_the_state_is_written(state: str, option: str, what: Fate | None) -> None:
    assert fate(build.job(status={"state": state}, desiredState="disabled", disableTasks=option)) is what
