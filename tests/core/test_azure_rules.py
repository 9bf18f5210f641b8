"""Small rules of Azure Batch that belong to no other test (docs/azure-batch.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from batchyard.api import names
from batchyard.core.actions import Create, Delete, Patch
from batchyard.core.pools.pool_view import look_at
from batchyard.core.snapshot import JobTasks
from batchyard.core.tasks.refusals import refused
from batchyard.core.times import stamp
from tests import build
from tests.core.whole_jobs import add_pool, completed, end, ran, results, run, start
from tests.core.world import World


def test_a_node_that_only_prepares_or_releases_has_no_task_and_no_slot_in_use() -> None:
    """1.3, 3.7.17, 3.8.7."""
    busy = {
        "preparation_pods": {"node1": build.pod(names.COMPONENT_PREPARATION, phase="Running")},
        "release_pods": {"node1": build.pod(names.COMPONENT_RELEASE, phase="Running")},
    }
    assert not look_at(build.snapshot(build.view(build.job(), **busy), of=build.pool(), **build.serving("node1"))).load


def test_a_job_of_higher_priority_displaces_no_running_task_of_a_job_that_does_not_allow_it() -> None:
    """1.3."""
    ready: dict[str, Any] = {"nodes": {"node1": build.job_node(tasksStarted=True)}}
    low, high = build.job(priority=-1000), build.job("high", priority=1000)
    task = build.task("runs", state="running")
    runs = build.view(low, tasks=build.tasks(task), task_pods=(build.pod(of=task, phase="Running"),), **ready)
    waits = build.view(high, tasks=build.tasks(build.task("waits")))
    done = build.planned(build.snapshot(runs, waits, of=build.pool(), **build.serving("node1"))).actions
    assert not [a for a in done if isinstance(a, Delete) or (isinstance(a, Create) and a.kind == "Pod")]


def test_priority_compares_jobs_of_one_pool_only() -> None:
    """1.3."""
    world = start("t1", priority=-1000)
    add_pool(world, "other", nodeSelector={"no": "such"})
    spec = {"poolInfo": {"poolId": "other"}, "priority": 1000, "tasks": [{"id": "t2", "commandLine": "true"}]}
    world.put({"kind": "BatchJob", "metadata": {"name": "high", "namespace": build.NAMESPACE}, "spec": spec})
    run(world, lambda w: bool(ran(w, "t1")))
    assert not ran(world, "t2")


def test_a_pool_whose_id_another_has_takes_no_nodes_and_says_so() -> None:
    """1.1."""
    s = build.snapshot(of=build.pool("sample", id="One"), clashes_with="one", nodes={"node1": build.node()})
    done = build.planned(s).actions
    assert not [a for a in done if isinstance(a, Create)]
    (status,) = [a.body["status"] for a in done if isinstance(a, Patch) and a.ref.kind == "BatchPool"]
    assert ("Ready", "PoolExists") in {(c["type"], c["reason"]) for c in status["conditions"]}


def test_tasks_that_wait_when_their_job_is_terminated_stay_active_for_ever() -> None:
    """3.2, 14.3."""
    world = start("t1", "t2", "t3", "t4", "t5")
    run(world, lambda w: "success" in results(w))
    end(world)
    rest(world, 30)
    (last,) = [task.get("status", {}) for task in world.of("BatchTask") if task["spec"]["id"] == "t5"]
    assert last.get("state", "active") == "active"
    assert not ran(world, "t5")


def rest(world: World, seconds: int) -> None:
    until = world.now + seconds
    run(world, lambda w: w.now >= until)


def add(world: World, name: str) -> None:
    spec = {"jobId": "demo", "id": name, "commandLine": "true"}
    world.put({"kind": "BatchTask", "metadata": {"name": f"demo.{name}", "namespace": build.NAMESPACE}, "spec": spec})


def test_a_task_added_to_a_job_that_has_ended_never_runs() -> None:
    """3.2."""
    world = start("t1")
    end(world)
    add(world, "late")
    rest(world, 30)
    assert not ran(world, "late")


def test_a_waiting_task_that_is_terminated_is_completed_and_never_runs() -> None:
    """4.2."""
    world = start("t1", "t2", "t3", "t4", "t5")
    run(world, lambda w: bool(w.of("BatchTask")))
    world.edit("BatchTask", "demo.t5", {"desiredState": "terminated"})
    run(world, completed)
    info = (world.get("BatchTask", "demo.t5") or {})["status"]["executionInfo"]
    assert (info["result"], info["failureInfo"]["code"]) == ("failure", "TaskEnded")
    assert not ran(world, "t5")


def test_a_running_task_that_is_deleted_is_stopped() -> None:
    """4.2."""
    pod = build.pod(of=build.task(), phase="Running")
    s = build.snapshot(build.view(build.job(), task_pods=(pod,)), of=build.pool(), **build.serving("node1"))
    assert pod.ref in [a.ref for a in build.planned(s).actions if isinstance(a, Delete)]


def test_a_task_with_dependencies_is_refused_by_a_job_that_has_none() -> None:
    """4.6: TaskDependenciesNotSpecifiedOnJob; inline tasks are refused by the API server."""
    child = build.task(depends_on=("a",))
    found = refused(child, build.job(), JobTasks())
    assert found is not None
    assert (found.type, found.status, found.reason) == ("Admitted", False, "TaskDependenciesNotSpecifiedOnJob")
    assert refused(child, build.job(usesTaskDependencies=True), JobTasks()) is None


def test_the_deprecated_option_retaineddata_is_refused() -> None:
    """1.2."""
    with pytest.raises(ValidationError, match="nodeDeallocationOption"):
        build.pool(nodeDeallocationOption="retaineddata")


def written(kind: str, *views: Any, **parts: Any) -> dict[str, Any]:
    """The status that a pass writes to the only object of the kind."""
    s = build.snapshot(*views, of=build.pool(), **{**build.serving("node1"), **parts})
    (patch,) = [a for a in build.planned(s).actions if isinstance(a, Patch) and a.ref.kind == kind]
    status: dict[str, Any] = patch.body["status"]
    return status


def test_tasks_of_a_job_are_counted_by_state() -> None:
    """4.2."""
    live = build.task("live", state="running")
    done = [build.task(name, state="completed", succeeded=name == "good") for name in ("good", "bad")]
    ready = build.job_node(tasksStarted=True)
    tasks = build.tasks(live, *done, build.task("waits"))
    view = build.view(build.job(), tasks=tasks, nodes={"node1": ready}, task_pods=(build.pod(of=live, phase="Running"),))  # fmt: skip
    counts = written("BatchJob", view)["taskCounts"]
    assert counts == {"active": 1, "preparing": 0, "running": 1, "succeeded": 1, "failed": 1, "completed": 2}


def test_a_job_with_a_task_too_big_for_any_node_says_so() -> None:
    """1.3: accepted, and never silent."""
    view = build.view(build.job(), tasks=build.tasks(build.task(required_slots=3)))
    (says,) = [c for c in written("BatchJob", view)["conditions"] if c["type"] == "Admitted"]
    assert (says["status"], says["reason"]) == ("False", "ExceedsPool")
    assert "requires 3 slots; each node of pool 'sample' has 1" in says["message"]


def test_a_node_tells_its_times_its_address_and_what_is_wrong_with_it() -> None:
    """6.1."""
    status = written("BatchNode", nodes={"node1": build.node(address="10.0.0.1", disk_full=True)})
    assert status["allocationTime"] == status["lastBootTime"] == stamp(build.T0 + 60)
    assert (status["state"], status["ipAddress"]) == ("unusable", "10.0.0.1")
    assert [error["code"] for error in status["errors"]] == ["DiskFull"]


def test_a_new_boot_is_told_and_the_time_of_joining_stays() -> None:
    """6.1."""
    member = build.member(status={"bootID": "boot0", "allocationTime": stamp(0), "lastBootTime": stamp(0)})
    status = written("BatchNode", members={"node1": member})
    assert (status["lastBootTime"], status["bootID"]) == (stamp(build.T0 + 60), "boot1")
    assert "allocationTime" not in status


@pytest.mark.parametrize(("kind", "field"), [("batchjobnodes", ".spec.jobId"), ("batchtasks", ".spec.jobId")])
def test_records_and_tasks_of_one_job_can_be_listed(kind: str, field: str) -> None:
    """3.9."""
    definition = yaml.safe_load((Path(__file__).parents[2] / "crds" / f"{kind}.yaml").read_text())
    assert {"jsonPath": field} in definition["spec"]["versions"][0]["selectableFields"]
