"""What the end of a task does to its job (Azure 3.3)."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.api.states import JobAction, JobState
from batchyard.api.task import Task
from batchyard.core.jobs import job_actions
from batchyard.core.jobs.job_pass import judge
from batchyard.core.jobs.lifecycle import Phase, fate
from batchyard.core.pools.pool_view import look_at
from batchyard.core.tasks.evictions import Fate
from tests import build
from tests.core.whole_jobs import completed, look, results, run, start, state
from tests.core.world import World

PERFORM: dict[str, Any] = {"onTaskFailure": "performexitoptionsjobaction"}
ASKS = build.task("asks", state="completed", asks_of_job=JobAction.DISABLE)
CRASHES = pytest.mark.parametrize("crash_every", [0, 1, 2])


def told(world: World) -> dict[str, Any]:
    job = world.get("BatchJob", "demo")
    assert job is not None
    status: dict[str, Any] = job["status"]
    return status


@CRASHES
def test_a_task_that_failed_finally_ends_its_job(crash_every: int) -> None:
    """3.3: by default every failure does; only after the last retry."""
    world = start(
        "t1", "t2", "t3", exits=lambda what, *_: int(what == "t1"), constraints={"maxTaskRetryCount": 1}, **PERFORM
    )
    run(world, lambda w: state(w) == "completed", crash_every)
    assert told(world)["executionInfo"]["terminateReason"] == "TaskFailed"
    assert len([r for r in world.trace if r.what == "t1"]) == 2


def test_without_that_option_failures_leave_the_job_alone() -> None:
    world = start("t1", exits=lambda what, *_: int(what == "t1"))
    run(world, completed)
    run(world, lambda w: not look(w).actions)
    assert state(world) == "active"


def test_a_task_ended_by_request_leaves_the_job_alone() -> None:
    world = start("t1", "t2", **PERFORM)
    run(world, lambda w: bool(w.of("Pod", "task")))
    world.edit("BatchTask", "demo.t1", {"desiredState": "terminated"})
    run(world, completed)
    run(world, lambda w: not look(w).actions)
    assert sorted(results(world)) == ["failure", "success"]
    assert state(world) == "active"


def test_a_job_disabled_with_terminate_is_not_ended_by_what_that_ended() -> None:
    world = start("t1", "t2", **PERFORM)
    run(world, lambda w: bool(w.of("Pod", "task")))
    world.edit("BatchJob", "demo", {"desiredState": "disabled", "disableTasks": "terminate"})
    run(world, lambda w: state(w) == "disabled")
    run(world, lambda w: not look(w).actions)
    assert state(world) == "disabled"


def test_the_job_ends_although_the_task_that_failed_is_deleted() -> None:
    world = start("t1", exits=lambda what, *_: int(what == "t1"), **PERFORM)
    run(world, lambda w: state(w) == "terminating")
    world.delete(("BatchTask", build.NAMESPACE, "demo.t1"))
    run(world, lambda w: state(w) == "completed")
    assert told(world)["executionInfo"]["terminateReason"] == "TaskFailed"


def found(*tasks: Any, **job: Any) -> Phase:
    of = build.job(**{**PERFORM, **job})
    view = build.view(of, tasks=build.tasks(*tasks))
    return judge(look_at(build.snapshot(view, of=build.pool(), **build.serving("node1"))), view).phase


def test_a_task_may_disable_its_job_and_is_named() -> None:
    assert found(ASKS) == Phase(JobState.DISABLING, waits_for="0 running tasks to end", by_task="asks")


@pytest.mark.parametrize(
    ("state", "wished", "after", "by"),
    [
        ("disabled", "active", JobState.DISABLED, "gone"),
        ("disabled", "disabled", JobState.DISABLED, ""),
        ("disabled", "terminated", JobState.TERMINATING, ""),
    ],
)
def test_a_job_that_a_task_disabled_stays_so_until_its_user_speaks(
    state: str, wished: str, after: JobState, by: str
) -> None:
    """The task may be deleted: the job remembers. Disabled by its user, it is enabled by its user."""
    phase = found(status={"state": state, "disabledByTask": "gone"}, desiredState=wished)
    assert (phase.state, phase.by_task) == (after, by)


def test_a_task_disables_with_requeue_whatever_its_user_would_choose() -> None:
    of = {"state": "disabling", "disabledByTask": "t"}
    assert fate(build.job(status=of, disableTasks="terminate", **PERFORM)) is Fate.REQUEUE


def test_a_task_is_heard_once() -> None:
    of = build.job(status={"state": "disabling", "disabledByTask": "asks"}, **PERFORM)
    (patch,) = job_actions.plan_heard(build.view(of, tasks=build.tasks(ASKS)), of, now=build.T0)
    assert patch.body["status"] == {"jobAction": "disable"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("status", "action"),
    [
        ({"state": "active"}, "none"),
        ({"state": "completed", "executionInfo": {"exitCode": 0, "result": "success"}}, "none"),
        ({"state": "completed", "executionInfo": {"failureInfo": {"category": "usererror", "code": "FailureExitCode"}}}, "terminate"),
        ({"state": "completed", "jobAction": "none", "executionInfo": {"failureInfo": {"category": "usererror", "code": "TaskEnded"}}}, "none"),
    ],
)  # fmt: skip
def test_every_failure_asks_for_the_end_of_the_job_unless_it_was_wished(status: dict[str, Any], action: str) -> None:
    spec = {"jobId": "demo", "commandLine": "true"}
    task = Task.model_validate({"metadata": build.metadata("t"), "spec": spec, "status": status})
    assert job_actions.asked_by(task).value == action


@pytest.mark.parametrize(
    ("on_failure", "reason"), [("noaction", "InvalidPropertyValue"), ("performexitoptionsjobaction", None)]
)
def test_a_job_action_is_refused_where_the_job_takes_none(on_failure: str, reason: str | None) -> None:
    """3.3: 400 InvalidPropertyValue."""
    world = start("t1", onTaskFailure=on_failure)
    exits = {"default": {"jobAction": "none"}}
    spec = {"jobId": "demo", "id": "names", "commandLine": "true", "exitConditions": exits}
    world.put({"kind": "BatchTask", "metadata": {"name": "names", "namespace": build.NAMESPACE}, "spec": spec})
    run(world, lambda w: len([r for r in results(w) if r]) == (1 if reason else 2))
    run(world, lambda w: not look(w).actions)
    (task,) = (task for task in world.of("BatchTask") if task["spec"]["id"] == "names")
    says = [
        c["reason"] for c in task["status"].get("conditions", ()) if c["type"] == "Admitted" and c["status"] == "False"
    ]
    assert says == ([reason] if reason else [])


@CRASHES
def test_a_job_disabled_by_a_task_is_enabled_by_its_user_and_not_disabled_by_it_again(crash_every: int) -> None:
    """3.3, 4.5; the tasks that ran meanwhile are put back."""
    disables = {"id": "t1", "commandLine": "true", "exitConditions": {"default": {"jobAction": "disable"}}}
    after = [{"id": f"t{n}", "commandLine": "true"} for n in (2, 3)]
    world = start(exits=lambda what, *_: int(what == "t1"), tasks=[disables, *after], **PERFORM)
    run(world, lambda w: state(w) == "disabled", crash_every)
    run(world, lambda w: not look(w).actions, crash_every)
    assert told(world)["disabledByTask"] == "t1"
    says = {c["type"]: c["message"] for c in told(world)["conditions"]}
    assert "the end of task 't1' disabled the job" in says["Suspended"]
    world.edit("BatchJob", "demo", {"desiredState": "disabled"})
    run(world, lambda w: "disabledByTask" not in told(w), crash_every)
    world.edit("BatchJob", "demo", {"desiredState": "active"})
    run(world, completed, crash_every)
    run(world, lambda w: not look(w).actions, crash_every)
    assert state(world) == "active"
    assert sorted(results(world)) == ["failure", "success", "success"]
