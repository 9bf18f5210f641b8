"""What a job says about itself: state, times, counts, conditions with numbers (Azure 3.2, 3.4)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchyard.api.job import Job
from batchyard.api.states import JobState
from batchyard.core.actions import Action, Emit, Patch
from batchyard.core.differences import merge_patch
from batchyard.core.jobs.job_status import Progress, plan_status
from batchyard.core.jobs.lifecycle import Phase
from batchyard.core.jobs.waiting import Why
from batchyard.core.times import stamp
from tests import build

NOW = build.T0 + 60
WORDS = st.sampled_from(JobState)


def planned(job: Job, phase: Phase, progress: Progress = Progress(), *tasks: Any, **nodes: Any) -> list[Action]:  # noqa: B008
    view = build.view(job, tasks=build.tasks(*tasks), nodes=nodes)
    found = {name: build.record(name, of=job) for name in nodes}
    return [*plan_status(view, job, phase, found, progress, NOW)]


def status(actions: list[Action]) -> dict[str, Any]:
    (patch,) = (action for action in actions if isinstance(action, Patch))
    body: dict[str, Any] = patch.body["status"]
    return body


def conditions(actions: list[Action]) -> dict[str, tuple[str, str, str]]:
    return {c["type"]: (c["status"], c["reason"], c["message"]) for c in status(actions)["conditions"]}


def after(job: Job, actions: list[Action]) -> Job:
    told = {**job.status.to_wire(), **status(actions)}
    return Job.model_validate({**job.to_wire(), "status": {k: v for k, v in told.items() if v is not None}})


@given(WORDS, WORDS, st.text("ab ", max_size=5))
def test_what_has_been_told_is_not_told_again(before: JobState, now: JobState, reason: str) -> None:
    """L1."""
    job, phase = build.job(status={"state": before.value}), Phase(now, reason)
    assert not planned(after(job, planned(job, phase)), phase)


def test_a_new_state_keeps_the_one_before_and_both_times() -> None:
    job = build.job(status={"state": "active", "stateTransitionTime": stamp(build.T0)})
    told = status(planned(job, Phase(JobState.DISABLING)))
    assert (told["state"], told["previousState"]) == ("disabling", "active")
    assert (told["stateTransitionTime"], told["previousStateTransitionTime"]) == (stamp(NOW), stamp(build.T0))


def test_a_change_of_state_is_an_event_with_its_reason_and_numbers() -> None:
    done = build.task(state="completed", succeeded=True)
    (event,) = (
        a for a in planned(build.job(), Phase(JobState.TERMINATING, "enough"), Progress(), done) if isinstance(a, Emit)
    )
    assert (event.reason, event.message) == ("JobTerminating", "enough; 1/1 tasks completed, 0 failed")


@pytest.mark.parametrize(("state", "ends"), [("terminating", False), ("completed", True)])
def test_the_end_has_a_time_only_when_it_is_reached_and_a_reason_at_once(state: str, ends: bool) -> None:
    info = status(planned(build.job(), Phase(JobState(state), "TaskFailed")))["executionInfo"]
    assert ("endTime" in info) is ends
    assert (info["terminateReason"], info["poolId"], info["startTime"]) == ("TaskFailed", "sample", stamp(build.T0))


def test_tasks_are_counted_by_what_they_do_in_this_very_pass() -> None:
    tasks = [build.task("a"), build.task("b"), build.task("c"), build.task("d", state="completed", succeeded=True)]
    counts = status(planned(build.job(), Phase(JobState.ACTIVE), Progress(preparing=1, running=1), *tasks))[
        "taskCounts"
    ]
    assert counts == {"active": 1, "preparing": 1, "running": 1, "succeeded": 1, "failed": 0, "completed": 1}


def test_a_task_that_was_deleted_while_it_runs_makes_no_count_negative() -> None:
    """The schema refuses a negative one, and the whole status with it; its Pod goes on until its node has stopped it, and is no task."""
    counts = status(planned(build.job(), Phase(JobState.ACTIVE), Progress(running=1)))["taskCounts"]
    assert (counts["active"], counts["running"]) == (0, 0)


@pytest.mark.parametrize(
    ("phase", "kind", "says"),
    [
        (Phase(JobState.ACTIVE), "Admitted", ("True", "Admitted", "")),
        (Phase(JobState.DISABLED), "Admitted", ("False", "Suspended", "1 task waiting; the job is disabled; set desiredState to active to enable it")),
        (Phase(JobState.DISABLED), "Reconciling", ("False", "JobDisabled", "")),
        (Phase(JobState.DISABLING, waits_for="2 running tasks to end"), "Suspended", ("False", "JobDisabling", "waiting for 2 running tasks to end")),
        (Phase(JobState.TERMINATING, "x"), "Admitted", ("False", "JobTerminating", "no more tasks are started")),
        (Phase(JobState.COMPLETED, "AllTasksComplete"), "Complete", ("True", "AllTasksComplete", "1/2 tasks completed, 1 failed")),
        (Phase(JobState.COMPLETED, "free text"), "Complete", ("True", "Terminated", "1/2 tasks completed, 1 failed")),
        (Phase(JobState.COMPLETED, "x"), "Failed", ("True", "TaskFailed", "1/2 tasks completed, 1 failed")),
        (Phase(JobState.COMPLETED, "MaxWallClockTimeExpiry"), "Failed", ("True", "MaxWallClockTimeExpiry", "1/2 tasks completed, 1 failed")),
        (Phase(JobState.COMPLETED, "x"), "Reconciling", ("False", "JobCompleted", "")),
    ],
)  # fmt: skip
def test_conditions_say_it_with_numbers_and_the_next_step(phase: Phase, kind: str, says: tuple[str, str, str]) -> None:
    tasks = build.task("open"), build.task("bad", state="completed")
    assert conditions(planned(build.job(), phase, Progress(), *tasks))[kind] == says


@pytest.mark.parametrize(("succeeded", "reconciling"), [(True, "False"), (False, "True")])
def test_a_job_has_started_when_a_task_succeeded_but_not_when_one_could_not_be_launched(
    succeeded: bool, reconciling: str
) -> None:
    """Its image cannot be pulled, say: the task has failed, and nothing has run."""
    task = build.task(state="completed", succeeded=succeeded)
    told = conditions(planned(build.job(readyWhen="started"), Phase(JobState.ACTIVE), Progress(), task))
    assert told["Reconciling"][0] == reconciling


def test_why_it_waits_is_told_as_it_was_found() -> None:
    why = Why("WaitingForSlot", "3 tasks waiting")
    assert conditions(planned(build.job(), Phase(JobState.ACTIVE), Progress(why=why)))["Admitted"] == (
        "False",
        *why_words(why),
    )


def why_words(why: Why) -> tuple[str, str]:
    return why.reason, why.message


def test_counts_alone_may_be_told_later_and_a_state_never() -> None:
    job = build.job()
    job = after(job, planned(job, Phase(JobState.ACTIVE)))
    (patch,) = (a for a in planned(job, Phase(JobState.ACTIVE), Progress(), build.task()) if isinstance(a, Patch))
    assert merge_patch({}, patch.body["status"]).keys() <= {"taskCounts", "conditions"}
    assert patch.lazy > 0
    (patch,) = (a for a in planned(job, Phase(JobState.DISABLING)) if isinstance(a, Patch))
    assert patch.lazy == 0
