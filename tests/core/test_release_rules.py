"""Azure's rules of the job release task, each by its number (section 3.8), and of what is listed about both (3.9)."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.api import names
from batchyard.core.facts import ContainerFacts
from batchyard.core.jobs.ending import plan_hopeless_releases
from batchyard.core.pods import job as pods
from tests import build
from tests.core.test_preparation_rules import INFO, add_job, environment, fails_on, quiet, record, replace_machine
from tests.core.whole_jobs import add_node, completed, delete, end, look, ran, results, run, start, state
from tests.core.world import World

RELEASED = "jobReleaseTaskExecutionInfo"
CRASHES = pytest.mark.parametrize("crash_every", [0, 1, 2])


def container(**job: Any) -> Any:
    of = build.job(jobPreparationTask=build.PREPARATION, jobReleaseTask=build.RELEASE, **job)
    return pods.release_pod(build.pool(), of, build.job_node())["spec"]["containers"][0]


def releasing(world: World) -> bool:
    return any(pod.get("status", {}).get("phase") == "Running" for pod in world.of("Pod", "release"))


def marked(world: World) -> bool:
    return any(each.get("status", {}).get("tasksStarted") for each in world.of("BatchJobNode"))


def lose(world: World, node: str) -> None:
    """The Node goes from the cluster with all that was on it."""
    replace_machine(world, node)
    world.delete(("Node", "", node))


TRIGGERS: dict[str, dict[str, Any]] = {
    "UserTerminate": {"desiredState": "terminated"},
    "MaxWallClockTimeExpiry": {"constraints": {"maxWallClockTime": "PT1S"}},
    "AllTasksComplete": {"onAllTasksComplete": "terminatejob"},
}


@CRASHES
@pytest.mark.parametrize("reason", TRIGGERS)
def test_every_end_of_a_job_releases_its_nodes(reason: str, crash_every: int) -> None:
    """3.8.1."""
    world = start("t1", "t2")
    run(world, completed, crash_every)
    world.edit("BatchJob", "demo", TRIGGERS[reason])
    run(world, lambda w: state(w) == "completed", crash_every)
    job = world.get("BatchJob", "demo")
    assert job is not None
    assert job["status"]["executionInfo"]["terminateReason"] == reason
    assert ran(world, "release") == ["node1", "node2"]


def test_a_task_that_failed_and_the_deletion_of_an_active_job_release_its_nodes_too() -> None:
    """3.8.1, 3.8.10."""
    world = start("t1", exits=lambda what, *_: int(what == "t1"), onTaskFailure="performexitoptionsjobaction")
    run(world, lambda w: state(w) == "completed")
    assert len(ran(world, "release")) == 1
    deleted = start("t1")
    run(deleted, completed)
    delete(deleted)
    assert len(ran(deleted, "release")) == 1


def test_it_runs_where_preparation_succeeded_and_a_task_was_started() -> None:
    """3.8.2, 14.1: not where preparation failed, not where no task came to run."""
    world = start("t1", exits=fails_on("node1"))
    run(world, completed)
    end(world)
    assert ran(world, "release") == ["node2"]
    prepared_only = build.record(**{INFO: build.prepared()})
    assert not prepared_only.owes_release


@CRASHES
def test_it_does_not_run_where_the_task_that_a_node_was_marked_for_went_elsewhere(crash_every: int) -> None:
    """3.8.2: the other of two tasks is deleted when one node is marked and the other still being prepared."""
    world = start("t1", "t2")
    run(world, lambda w: len(w.of("BatchJobNode")) == 2, crash_every)
    world.silent.add("node2")
    run(world, marked, crash_every)
    world.delete(("BatchTask", build.NAMESPACE, "demo.t2"))
    began = world.now
    run(world, lambda w: w.now > began + 9, crash_every)
    world.silent.clear()
    run(world, lambda w: completed(w) and quiet(w), crash_every)
    assert ran(world, "t1") == ["node1"]
    end(world, crash_every)
    assert ran(world, "release") == ["node1"]


def test_it_runs_where_a_reboot_had_the_node_prepared_once_more_while_the_job_ends() -> None:
    """3.8.2: what is written of the preparation is by then of its second run, which was cut short."""
    world = start("t1")
    run(world, lambda w: completed(w) and quiet(w))
    (node,) = ran(world, "t1")
    world.seconds = 30
    world.reboot(node, "boot2")
    run(world, lambda w: record(w, node)[INFO]["state"] == "running" and quiet(w))
    end(world)
    assert ran(world, "release") == [node]


def test_a_release_that_its_node_refuses_at_once_is_not_tried_without_a_pause() -> None:
    world, made = start("t1"), set()
    run(world, completed)
    world.edit("BatchJob", "demo", {"desiredState": "terminated"})

    def refused_for_two_minutes(w: World) -> bool:
        for item in w.of("Pod", "release"):
            made.add(item["metadata"]["uid"])
            item["status"] = {"phase": "Failed", "reason": "Evicted"}
        return w.now > build.T0 + 130

    run(world, refused_for_two_minutes)
    assert 1 < len(made) < 6
    run(world, lambda w: state(w) == "completed")


def test_a_job_without_release_ends_without_one() -> None:
    """3.8.3: that a release needs a preparation, the API server says (tests/api/test_admission.py)."""
    world = start("t1", jobReleaseTask=None)
    run(world, completed)
    end(world)
    assert not ran(world, "release")


@pytest.mark.parametrize("again", [False, True])
def test_a_machine_that_was_replaced_is_released_only_if_it_was_used_again(again: bool) -> None:
    """3.8.4."""
    world = start("t1")
    world.edit("BatchPool", "sample", {"targetDedicatedNodes": 1})
    run(world, completed)
    replace_machine(world, "node1")
    before = len(world.trace)
    if again:
        spec = {"jobId": "demo", "id": "t2", "commandLine": "true"}
        world.put({"kind": "BatchTask", "metadata": {"name": "demo.t2", "namespace": build.NAMESPACE}, "spec": spec})
    machine(world, lambda w: completed(w) and quiet(w))
    world.edit("BatchJob", "demo", {"desiredState": "terminated"})
    machine(world, lambda w: state(w) == "completed")
    assert [r.what for r in world.trace[before:] if r.what == "release"] == (["release"] if again else [])


@CRASHES
def test_a_machine_that_was_replaced_is_wiped_though_no_pod_is_left_that_says_what_ran_there(crash_every: int) -> None:
    """Pods that were made for a machine are bound to its name: they start on the one that comes in its place."""
    world = start("t1", "t2")
    run(world, lambda w: completed(w) and quiet(w), crash_every)
    replace_machine(world, "node1")
    delete(world, crash_every)
    assert ran(world, "wipe") == ["node1", "node2"]
    assert ran(world, "release") == ["node2"]


def machine(world: World, until: Any) -> None:
    """As run(), without the invariants: the trace knows a machine by its name only."""
    for _ in range(200):
        for action in look(world).actions:
            world.do(action)
        if until(world):
            return
        world.tick()
    raise AssertionError("never came to its end")


def test_a_node_that_was_removed_is_not_released() -> None:
    """3.8.4."""
    world = start("t1", "t2")
    run(world, completed)
    lose(world, "node1")
    end(world)
    assert ran(world, "release") == ["node2"]


def test_tasks_end_first_and_then_all_nodes_are_released_at_once() -> None:
    """3.8.5."""
    world = start("t1", "t2")
    world.seconds = 30
    run(world, lambda w: sum(p.get("status", {}).get("phase") == "Running" for p in w.of("Pod", "task")) == 2)
    end(world)
    first, second = (r for r in world.trace if r.what == "release")
    assert {r.exit_code for r in world.trace if r.what in ("t1", "t2")} == {143}
    assert all(r.end <= min(first.start, second.start) for r in world.trace if r.what in ("t1", "t2"))
    assert first.start < second.end
    assert second.start < first.end


@pytest.mark.parametrize(("given", "seconds"), [({}, 900), ({"maxWallClockTime": "PT1M"}, 60)])
def test_it_may_take_fifteen_minutes_and_then_the_job_goes_on(given: dict[str, str], seconds: int) -> None:
    """3.8.6: run.sh kills it, the kubelet a minute later at the latest."""
    of = build.job(jobPreparationTask=build.PREPARATION, jobReleaseTask={**build.RELEASE, **given})
    pod = pods.release_pod(build.pool(), of, build.job_node())
    assert environment(pod["spec"]["containers"][0])["BATCHYARD_WALL_CLOCK"] == str(seconds)
    assert pod["spec"]["activeDeadlineSeconds"] == seconds + 60
    world = start("t1", exits=lambda what, *_: 137 if what == "release" else 0)
    run(world, completed)
    end(world)


def test_it_takes_no_slot_from_other_jobs() -> None:
    """3.8.7."""
    world = start("t1")
    world.edit("BatchPool", "sample", {"targetDedicatedNodes": 1})
    run(world, completed)
    world.seconds = 30
    world.edit("BatchJob", "demo", {"desiredState": "terminated"})
    run(world, releasing)
    add_job(world, "other", "o1", jobPreparationTask=None)
    run(world, lambda w: any(pod.get("status", {}).get("phase") == "Running" for pod in w.of("Pod", "task")))
    assert releasing(world)


def test_the_job_is_completed_after_the_last_release_and_whatever_it_came_to() -> None:
    """3.8.8."""
    world = start("t1", "t2", exits=lambda what, node, _: int(what == "release" and node == "node1"))
    run(world, completed)
    end(world)
    job = world.get("BatchJob", "demo")
    assert job is not None
    last = max(r.end for r in world.trace if r.what == "release")
    assert world.now >= last
    assert len(ran(world, "release")) == 2
    says = {c["type"]: c for c in job["status"]["conditions"]}
    assert says["ReleaseFailed"]["message"].startswith("on 1 of 2 nodes (node1)")
    assert says["Failed"]["status"] == "False"


@CRASHES
def test_interrupted_by_reboots_it_runs_again_each_time(crash_every: int) -> None:
    """3.8.9."""
    world = start("t1")
    world.edit("BatchPool", "sample", {"targetDedicatedNodes": 1})
    run(world, completed, crash_every)
    world.seconds = 10
    world.edit("BatchJob", "demo", {"desiredState": "terminated"})
    for boot in ("boot2", "boot3"):
        run(world, releasing, crash_every)
        world.tick()
        world.reboot("node1", boot)
        world.tick()
    run(world, lambda w: state(w) == "completed", crash_every)
    assert [r.exit_code for r in world.trace if r.what == "release"] == [137, 137, 0]


@CRASHES
@pytest.mark.parametrize("when", ["terminating", "completed"])
def test_deleting_a_job_that_ends_or_has_ended_releases_no_second_time(when: str, crash_every: int) -> None:
    """3.8.10, 14.12."""
    world = start("t1", "t2")
    run(world, completed, crash_every)
    world.edit("BatchJob", "demo", {"desiredState": "terminated"})
    run(world, lambda w: state(w) == when, crash_every)
    delete(world, crash_every)
    assert ran(world, "release") == ["node1", "node2"]


def test_a_node_that_does_not_answer_holds_the_job_until_it_is_back_or_removed() -> None:
    """3.8.11: it does not hold the release of the others; removing the Node is what force is in Azure."""
    world = start("t1", "t2")
    run(world, completed)
    world.edit("BatchJob", "demo", {"desiredState": "terminated"})
    world.silent.add("node1")
    run(world, lambda w: ran(w, "release") == ["node2"])
    run(world, quiet)
    assert state(world) == "terminating"
    lose(world, "node1")
    run(world, lambda w: state(w) == "completed")


def test_it_runs_once_for_each_node_and_not_once_for_the_job() -> None:
    """3.8.12."""
    world = start("t1", "t2", "t3", "t4")
    add_node(world, "node3")
    world.edit("BatchPool", "sample", {"targetDedicatedNodes": 3})
    run(world, completed)
    end(world)
    assert ran(world, "release") == sorted({r.node for r in world.trace if r.what.startswith("t")})


def test_it_runs_as_the_ordinary_user_with_the_jobs_variables() -> None:
    """3.8.13."""
    made = container(commonEnvironmentSettings=[{"name": "MINE", "value": "yes"}])
    assert made["securityContext"]["runAsUser"] == 1000
    assert environment(made)["MINE"] == "yes"
    assert environment(made)["AZ_BATCH_JOB_PREP_DIR"].endswith("/jobpreparation")


def test_no_task_may_have_its_id() -> None:
    """3.8.14: 409 TaskIdSameAsJobReleaseTask."""
    world = start("t1")
    spec = {"jobId": "demo", "id": "JobRelease", "commandLine": "true"}
    world.put({"kind": "BatchTask", "metadata": {"name": "clash", "namespace": build.NAMESPACE}, "spec": spec})
    run(world, lambda w: "success" in results(w))
    run(world, quiet)
    clash = world.get("BatchTask", "clash")
    assert clash is not None
    assert {c["reason"] for c in clash["status"]["conditions"]} == {"TaskIdSameAsJobReleaseTask"}


@CRASHES
@pytest.mark.parametrize("spec", [{"desiredState": "terminated"}, {"onAllTasksComplete": "terminatejob"}])
def test_a_job_that_ends_before_any_task_ran_prepares_and_releases_nothing(
    spec: dict[str, str], crash_every: int
) -> None:
    """3.8.15: completed at once."""
    world = start(**spec)
    run(world, lambda w: state(w) == "completed", crash_every)
    assert not world.of("BatchJobNode")
    assert not [r for r in world.trace if r.what in ("preparation", "release")]


def test_what_is_listed_of_a_release() -> None:
    """3.9: absent until it has run; running while it does; complete with its container afterwards."""
    world = start("t1")
    world.edit("BatchPool", "sample", {"targetDedicatedNodes": 1})
    run(world, completed)
    assert RELEASED not in record(world)
    world.seconds = 10
    world.edit("BatchJob", "demo", {"desiredState": "terminated"})
    run(world, lambda w: record(w).get(RELEASED, {}).get("state") == "running")
    assert record(world)[RELEASED].keys() == {"state", "startTime", "taskRootDirectory"}
    run(world, lambda w: state(w) == "completed")
    info = record(world)[RELEASED]
    assert info["taskRootDirectory"] == "/mnt/batch/tasks/workitems/demo/job-1/jobrelease"
    assert {"startTime", "endTime", "exitCode", "result", "state", "containerInfo"} <= info.keys()
    assert "retryCount" not in info


def test_nodes_that_were_removed_stay_listed_while_the_job_exists() -> None:
    """3.9."""
    world = start("t1", "t2")
    run(world, completed)
    lose(world, "node1")
    world.edit("BatchPool", "sample", {"targetDedicatedNodes": 0})
    run(world, lambda w: not w.of("BatchNode") and quiet(w))
    assert [r["spec"]["nodeId"] for r in world.of("BatchJobNode")] == ["node1", "node2"]
    delete(world)


def test_what_failed_names_its_cause() -> None:
    """3.9: failureInfo and the container's error."""
    pod = build.pod(
        names.COMPONENT_RELEASE,
        created=build.T0 - 1000,
        containers={pods.RELEASE: ContainerFacts(waiting_reason="ErrImagePull", waiting_message="no such image")},
    )
    view = build.view(build.job(), release_pods={"node1": pod})
    owing = build.record(**{INFO: build.prepared(), "tasksStarted": True})
    patch = next(plan_hopeless_releases(view, {"node1": owing}, now=build.T0, rules=build.RULES))
    info = patch.body["status"][RELEASED]  # type: ignore[union-attr]
    assert info["failureInfo"]["code"] == "ContainerInvalidImage"
    assert info["containerInfo"]["error"] == "ErrImagePull: no such image"
