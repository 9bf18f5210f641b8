"""Azure's rules of the job preparation task, each by its number (section 3.7). Rules 7 and 15 also live in run.sh: tests/node."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.api import names
from batchyard.core.jobs.preparation import plan_results
from batchyard.core.pods import job as pods
from batchyard.core.tasks.scheduling import Readiness
from tests import build
from tests.core.whole_jobs import add_node, completed, end, look, ran, results, run, start, state
from tests.core.world import World

INFO = "jobPreparationTaskExecutionInfo"


def fails_on(*nodes: str) -> Any:
    return lambda what, node, _: int(what == "preparation" and node in nodes)


def tasks_of(world: World) -> list[Any]:
    return [task.get("status", {}) for task in world.of("BatchTask")]


def preparing(world: World) -> bool:
    return any(task.get("state") == "preparing" for task in tasks_of(world))


def quiet(world: World) -> bool:
    return not look(world).actions


def add_job(world: World, name: str, *tasks: str, **spec: Any) -> None:
    inline = [{"id": task, "commandLine": "true"} for task in tasks]
    base = {"poolInfo": {"poolId": "sample"}, "jobPreparationTask": build.PREPARATION, "tasks": inline}
    world.put({"kind": "BatchJob", "metadata": {"name": name, "namespace": build.NAMESPACE}, "spec": {**base, **spec}})


def replace_machine(world: World, node: str) -> None:
    """The same name, another machine: an empty disk."""
    for item in world.of("Pod"):
        if item["spec"].get("nodeName") == node:
            item["metadata"]["finalizers"], item["status"]["phase"] = [], "Failed"
            world.delete(("Pod", item["metadata"]["namespace"], item["metadata"]["name"]))
    world.delete(("Node", "", node))
    add_node(world, node)


def record(world: World, node: str = "node1") -> Any:
    found = world.get("BatchJobNode", f"demo.{node}")
    return found["status"] if found else None


def container(**preparation: Any) -> Any:
    job = build.job(constraints={"maxTaskRetryCount": 9}, jobPreparationTask={**build.PREPARATION, **preparation})
    made = pods.preparation_daemon_set(build.pool(), job, ["node1"], build.RULES)
    return made["spec"]["template"]["spec"]["initContainers"][0]


def environment(made: Any) -> dict[str, Any]:
    return {each["name"]: each.get("value") for each in made["env"]}


def test_a_node_is_prepared_only_when_a_task_is_given_to_it() -> None:
    """3.7.1."""
    world = start("t1")
    run(world, completed)
    assert ran(world, "preparation") == [r.node for r in world.trace if r.what == "t1"]


def test_preparation_ends_before_any_task_of_the_job_begins_there() -> None:
    """3.7.2."""
    world = start("t1", "t2", "t3", "t4")
    run(world, completed)
    for task in (r for r in world.trace if r.what.startswith("t")):
        assert any(p.what == "preparation" and p.node == task.node and p.end <= task.start for p in world.trace)


def test_a_task_is_preparing_on_its_node_and_runs_there_afterwards() -> None:
    """3.7.3."""
    world = start("t1")
    world.seconds = 10
    run(world, preparing)
    (task,) = tasks_of(world)
    bound = task["nodeInfo"]["nodeId"]
    run(world, lambda w: any(t.get("state") == "running" for t in tasks_of(w)))
    run(world, completed)
    assert ran(world, "t1") == [bound]


def test_tasks_on_one_node_share_one_preparation() -> None:
    """3.7.4."""
    world = start("t1", "t2", "t3")
    world.edit("BatchPool", "sample", {"targetDedicatedNodes": 1, "taskSlotsPerNode": 3})
    world.seconds = 10
    run(world, lambda w: sum(t.get("state") == "preparing" for t in tasks_of(w)) == 3)
    assert len(world.of("Pod", "preparation")) == 1


def test_jobs_prepare_one_node_independently() -> None:
    """3.7.5."""
    world = start("t1")
    world.edit("BatchPool", "sample", {"targetDedicatedNodes": 1})
    add_job(world, "other", "o1")
    run(world, completed)
    assert sorted((r.about, r.node) for r in world.trace if r.what == "preparation") == [
        ("demo", "node1"),
        ("other", "node1"),
    ]


@pytest.mark.parametrize("outcome", ["none", "running", "success", "failure"])
def test_without_wait_for_success_tasks_only_wait_until_preparation_has_begun(outcome: str) -> None:
    """3.7.6: its failure has no effect on scheduling."""
    job = build.job(jobPreparationTask={**build.PREPARATION, "waitForSuccess": False})
    status = {"none": {}, "running": {INFO: {"state": "running", "bootID": "boot1"}}}.get(
        outcome, {INFO: build.prepared(outcome)}
    )
    readiness = build.record(of=job, **status).readiness(preparation_started=outcome != "none")
    assert readiness is (Readiness.PREPARING if outcome == "none" else Readiness.UNMARKED)


@pytest.mark.parametrize(
    ("code", "line"), [(0, build.line(0)), (1, build.line(1)), (None, build.line(None, "CommandProgramNotFound"))]
)
def test_only_exit_code_zero_is_success(code: int | None, line: str) -> None:
    """3.7.7."""
    job = build.job(jobPreparationTask=build.PREPARATION)
    pod = build.pod(names.COMPONENT_PREPARATION, containers={pods.PREPARATION: build.ended(line, code or 0)})
    view = build.view(job, preparation_pods={"node1": pod})
    patch = next(plan_results(view, {"node1": build.record(of=job)}, now=build.T0 + 60, rules=build.RULES))
    info = patch.body["status"][INFO]  # type: ignore[union-attr]
    assert (info["state"], info["result"], info["exitCode"]) == (
        "completed",
        "success" if code == 0 else "failure",
        code,
    )


@pytest.mark.parametrize(
    ("given", "retries"), [({}, "0"), ({"maxTaskRetryCount": 5}, "5"), ({"maxTaskRetryCount": -1}, "-1")]
)
def test_retries_are_its_own_and_not_the_jobs(given: dict[str, int], retries: str) -> None:
    """3.7.7, 14.13: the job's maxTaskRetryCount (9 here) is not inherited."""
    assert environment(container(constraints=given))["BATCHYARD_MAX_RETRIES"] == retries


def test_its_wall_clock_is_unlimited_and_its_retention_seven_days_by_default() -> None:
    """3.7.8."""
    default, limited = environment(container()), environment(container(constraints={"maxWallClockTime": "PT1M"}))
    assert (default["BATCHYARD_WALL_CLOCK"], default["BATCHYARD_RETENTION"]) == ("0", str(7 * 24 * 3600))
    assert limited["BATCHYARD_WALL_CLOCK"] == "60"


def test_where_it_fails_the_task_goes_elsewhere_unharmed_and_the_node_serves_other_jobs() -> None:
    """3.7.9."""
    world = start(
        "t1", "t2", "t3", exits=lambda what, node, _: int(what == "preparation" and node == "node1" and not others)
    )
    others: list[str] = []
    run(world, completed)
    assert {r.node for r in world.trace if r.what in ("t1", "t2", "t3")} == {"node2"}
    assert all("retryCount" not in task["executionInfo"] for task in tasks_of(world))
    others.append("other")
    add_job(world, "other", "o1", "o2", "o3", "o4")
    run(world, lambda w: len([r for r in w.trace if r.what.startswith("o")]) == 4)
    assert {r.node for r in world.trace if r.what.startswith("o")} == {"node1", "node2"}


def test_where_it_fails_everywhere_the_job_waits_and_says_why() -> None:
    """3.7.10: neither the job nor its tasks fail."""
    world = start("t1", "t2", exits=fails_on("node1", "node2"))
    run(world, lambda w: len(ran(w, "preparation")) == 2)
    run(world, quiet)
    assert (state(world), results(world)) == ("active", ["", ""])
    assert {task.get("state", "active") for task in tasks_of(world)} == {"active"}
    job = world.get("BatchJob", "demo")
    assert job is not None
    says = {c["type"]: c for c in job["status"]["conditions"]}
    assert says["PreparationFailed"]["message"].startswith("on 2 of 2 nodes (node1, node2)")
    assert says["Admitted"]["reason"] == "PreparationFailing"


def test_a_node_that_joins_later_unblocks_the_job() -> None:
    """3.7.11."""
    world = start("t1", exits=fails_on("node1", "node2"))
    world.edit("BatchPool", "sample", {"targetDedicatedNodes": 3})
    run(world, lambda w: bool(ran(w, "preparation")))
    add_node(world, "node3")
    run(world, completed)
    assert ran(world, "t1") == ["node3"]


@pytest.mark.parametrize("when", ["running", "done"])
def test_after_a_reboot_it_runs_again_before_the_next_task(when: str) -> None:
    """3.7.12."""
    world = start("t1", "t2")
    world.edit("BatchPool", "sample", {"targetDedicatedNodes": 1})
    started = (lambda w: bool(w.of("Pod", "preparation"))) if when == "running" else (lambda w: bool(ran(w, "t1")))
    run(world, started)
    world.tick()
    world.reboot("node1", "boot2")
    run(world, completed)
    assert any(r.what == "preparation" and r.boot.startswith("boot2") and r.exit_code == 0 for r in world.trace)


def test_on_another_machine_of_the_name_it_runs_again_although_it_had_succeeded() -> None:
    """3.7.12, 3.7.16: a reimaged or preempted node begins anew, whatever rerunOnNodeRebootAfterSuccess says."""
    never = {**build.PREPARATION, "rerunOnNodeRebootAfterSuccess": False}
    world = start("t1", jobPreparationTask=never)
    world.edit("BatchPool", "sample", {"targetDedicatedNodes": 1})
    run(world, completed)
    replace_machine(world, "node1")
    spec = {"jobId": "demo", "id": "t2", "commandLine": "true"}
    world.put({"kind": "BatchTask", "metadata": {"name": "demo.t2", "namespace": build.NAMESPACE}, "spec": spec})
    for _ in range(200):
        for action in look(world).actions:
            world.do(action)
        world.tick()
        if completed(world):
            break
    assert results(world) == ["success"] * 2
    assert len(ran(world, "preparation")) == 2


@pytest.mark.parametrize(
    ("rerun", "boot", "excluded"), [(True, "boot1", True), (True, "boot0", False), (False, "boot0", True)]
)
def test_a_reboot_gives_a_failed_preparation_another_chance_only_if_it_is_to_run_again(
    rerun: bool, boot: str, excluded: bool
) -> None:
    """3.7.13, 14.2."""
    job = build.job(jobPreparationTask={**build.PREPARATION, "rerunOnNodeRebootAfterSuccess": rerun})
    found = build.record(of=job, **{INFO: build.prepared("failure", boot)})
    assert (found.readiness(preparation_started=True) is Readiness.EXCLUDED) is excluded


def test_runs_after_a_reboot_are_not_retries() -> None:
    """3.7.14."""
    world = start("t1", "t2", "t3")
    world.edit("BatchPool", "sample", {"targetDedicatedNodes": 1})
    run(world, lambda w: bool(ran(w, "t1")))
    world.reboot("node1", "boot2")
    run(world, completed)
    assert len(ran(world, "preparation")) == 2
    assert record(world)[INFO]["retryCount"] == 0


def test_a_preparation_whose_directory_has_expired_stays_done() -> None:
    """3.7.15."""
    world = start("t1")
    world.edit("BatchPool", "sample", {"targetDedicatedNodes": 1})
    run(world, completed)
    world.now += 8 * 24 * 3600
    spec = {"jobId": "demo", "id": "t2", "commandLine": "true"}
    world.put({"kind": "BatchTask", "metadata": {"name": "demo.t2", "namespace": build.NAMESPACE}, "spec": spec})
    run(world, completed)
    end(world)
    assert (len(ran(world, "preparation")), len(ran(world, "release"))) == (1, 1)


def test_no_task_may_have_its_id_and_it_is_not_counted() -> None:
    """3.7.17: 409 TaskIdSameAsJobPreparationTask."""
    world = start("t1")
    spec = {"jobId": "demo", "id": "JobPreparation", "commandLine": "true"}
    world.put({"kind": "BatchTask", "metadata": {"name": "clash", "namespace": build.NAMESPACE}, "spec": spec})
    run(world, lambda w: "success" in results(w))
    run(world, quiet)
    clash, job = world.get("BatchTask", "clash"), world.get("BatchJob", "demo")
    assert clash is not None
    assert job is not None
    assert {c["reason"] for c in clash["status"]["conditions"]} == {"TaskIdSameAsJobPreparationTask"}
    assert job["status"]["taskCounts"]["completed"] == 1
    assert job["status"]["taskCounts"]["active"] == 0


def test_it_runs_as_the_pools_ordinary_user() -> None:
    """3.7.18."""
    security = container()["securityContext"]
    assert (security["runAsUser"], security["runAsNonRoot"]) == (1000, True)


def test_all_others_of_the_job_are_told_its_directory() -> None:
    """3.7.19: it is not told itself, for it is its own."""
    job = build.job(jobPreparationTask=build.PREPARATION, jobReleaseTask=build.RELEASE)
    release = environment(pods.release_pod(build.pool(), job, build.job_node())["spec"]["containers"][0])
    own = environment(container())
    directory = "/mnt/batch/tasks/workitems/demo/job-1/jobpreparation"
    assert (release["AZ_BATCH_JOB_PREP_DIR"], release["AZ_BATCH_JOB_PREP_WORKING_DIR"]) == (
        directory,
        f"{directory}/wd",
    )
    assert own["AZ_BATCH_TASK_DIR"] == directory
    assert "AZ_BATCH_JOB_PREP_DIR" not in own


def test_its_directory_is_told_where_it_ran_and_nothing_where_it_did_not() -> None:
    """3.7.20, 3.9."""
    world = start("t1")
    run(world, completed)
    (node,) = ran(world, "t1")
    info = record(world, node)[INFO]
    assert info["taskRootDirectory"] == "/mnt/batch/tasks/workitems/demo/job-1/jobpreparation"
    assert {"startTime", "endTime", "exitCode", "result", "state", "retryCount", "containerInfo"} <= info.keys()
    assert info["containerInfo"]["state"] == "exited"
    assert record(world, "node2" if node == "node1" else "node1") is None


@pytest.mark.parametrize("crash_every", [0, 1, 2])
def test_a_job_terminated_meanwhile_kills_it_ends_its_task_and_releases_nothing(crash_every: int) -> None:
    """3.7.21."""
    world = start("t1")
    world.seconds = 60
    run(world, preparing, crash_every)
    end(world, crash_every)
    assert [r.exit_code for r in world.trace if r.what == "preparation"] == [143]
    assert not ran(world, "release")
    assert [task["executionInfo"]["failureInfo"]["code"] for task in tasks_of(world)] == ["TaskEnded"]


def test_a_job_disabled_meanwhile_puts_its_task_back() -> None:
    """3.7.22; with crashes in test_disabled_jobs.py."""
    world = start("t1")
    run(world, preparing)
    world.edit("BatchJob", "demo", {"desiredState": "disabled"})
    run(world, lambda w: state(w) == "disabled" and not preparing(w))
    assert [task["state"] for task in tasks_of(world)] == ["active"]


def test_a_record_of_a_pool_that_the_job_has_left_admits_no_task() -> None:
    """3.7.23; whole jobs with crashes in test_pool_change.py."""
    job = build.job(poolInfo={"poolId": "other"}, jobPreparationTask=build.PREPARATION, jobReleaseTask=build.RELEASE)
    old = build.record(of=job, pool_uid="other-uid", **{INFO: build.prepared(), "tasksStarted": True})
    assert (old.elsewhere, old.stale, old.owes_release) == (True, True, False)
    assert old.readiness(preparation_started=True) is Readiness.EXCLUDED
    assert build.record(of=job, **{INFO: build.prepared(), "tasksStarted": True}).owes_release
