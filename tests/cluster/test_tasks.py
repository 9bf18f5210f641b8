"""Tasks on real nodes: dependencies, exit conditions, retries, reactivation, slots, users, environment (Azure 4.1 to 4.6, 7)."""

from typing import Any

from batchyard.api import trace_context
from tests.cluster.batch import Batch
from tests.cluster.trace import traced
from tests.history.process import Process

ROOT = "/mnt/batch/tasks"
NO_PREPARATION: dict[str, Any] = {"usesTaskDependencies": True, "onTaskFailure": "performexitoptionsjobaction"}


def uid(batch: Batch, kind: str, name: str) -> str:
    found = batch.get(kind, name)
    assert found is not None, name
    return str(found["metadata"]["uid"])


def run_of(batch: Batch, task: str) -> Process:
    """Its only run."""
    (found,) = batch.ran(task)
    return found


def test_tasks_start_when_the_tasks_they_name_have_succeeded(batch: Batch) -> None:
    """4.6: by id and by range of ids; leading zeros do not matter."""
    batch.pool(taskSlotsPerNode=4)
    batch.job(**NO_PREPARATION)
    batch.task(
        "last", commandLine=traced(), dependsOn={"taskIds": ["MIDDLE"], "taskIdRanges": [{"start": 1, "end": 3}]}
    )
    batch.task("middle", commandLine=traced("sleep 1"), dependsOn={"taskIds": ["1"]})
    says = "2 tasks waiting, all for tasks named in dependsOn"
    batch.wait(says, lambda: says in batch.condition("bjob", "job", "Admitted").get("message", ""))
    for name in ("1", "02", "003"):
        batch.task(f"n{name}", id=name, commandLine=traced("sleep 1"))
    batch.completed("last")
    ends = [run_of(batch, task).end for task in ("1", "02", "003", "middle")]
    assert run_of(batch, "last").start >= max(ends)


def test_exit_conditions_decide_about_dependents(batch: Batch) -> None:
    """4.5: a failure may satisfy; any other blocks for ever, and the job says so."""
    batch.pool(taskSlotsPerNode=4)
    batch.job(usesTaskDependencies=True)
    satisfy = {"exitCodes": [{"code": 3, "exitOptions": {"dependencyAction": "satisfy"}}]}
    for name, code in (("three", 3), ("four", 4)):
        batch.task(name, commandLine=traced(f"exit {code}"), exitConditions=satisfy)
        batch.task(f"after-{name}", commandLine=traced(), dependsOn={"taskIds": [name]})
    found = batch.completed("three", "four", "after-three")
    assert found["three"]["executionInfo"]["result"] == "failure"
    says = "1 of 1 task waiting for a task that has failed"
    batch.wait(says, lambda: says in batch.condition("bjob", "job", "Admitted").get("message", ""))
    assert batch.tasks()["after-four"].get("state") != "completed"


def test_a_failed_task_disables_its_job_when_its_exit_conditions_say_so(batch: Batch) -> None:
    batch.pool()
    batch.job(**NO_PREPARATION)
    disable = {"default": {"jobAction": "disable"}}
    batch.task("bad", commandLine=traced("exit 1"), exitConditions=disable)
    batch.job_state("disabled")


def test_a_failed_task_is_retried_then_reactivated_and_succeeds(batch: Batch) -> None:
    """4.3: each attempt has a fresh directory; a reactivated task has its retries counted anew."""
    batch.pool(targetDedicatedNodes=1)
    batch.job()
    body = "test -e $AZ_BATCH_NODE_SHARED_DIR/good && test ! -e mark; code=$?; touch mark; exit $code"
    batch.task("flaky", commandLine=traced(body), constraints={"maxTaskRetryCount": 1})
    info = batch.completed("flaky")["flaky"]["executionInfo"]
    assert (info["exitCode"], info["retryCount"], info["failureInfo"]["code"]) == (1, 1, "FailureExitCode")
    assert "lastRetryTime" in info
    (batch.root(info_node(batch)) / "shared/good").touch()
    batch.patch("btask", "flaky", {"spec": {"reactivations": 1}})
    batch.wait("success", lambda: batch.tasks()["flaky"].get("executionInfo", {}).get("result") == "success")
    status = batch.tasks()["flaky"]
    assert (status["attempt"], status["executionInfo"]["retryCount"]) == (2, 0)
    assert "failureInfo" not in status["executionInfo"]
    batch.patch("btask", "flaky", {"spec": {"reactivations": 2}})
    assert "success is final" in batch.says("btask", "flaky", "Reactivated", "TaskSucceeded")


def info_node(batch: Batch) -> str:
    return str(batch.tasks()["flaky"]["nodeInfo"]["nodeId"])


def test_a_task_takes_as_many_slots_as_it_requires(batch: Batch) -> None:
    """1.3: two tasks of two slots follow each other on a node of three; one of one slot goes beside them."""
    batch.pool(targetDedicatedNodes=1, taskSlotsPerNode=3)
    batch.job()
    for name, slots in (("big1", 2), ("big2", 2), ("small", 1)):
        batch.task(name, commandLine=traced("sleep 3"), requiredSlots=slots)
    batch.task("toobig", commandLine=traced(), requiredSlots=4)
    assert "requires 4 slots" in batch.says("bjob", "job", "Admitted", "ExceedsPool")
    batch.completed("big1", "big2", "small")
    first, second = sorted((run_of(batch, name) for name in ("big1", "big2")), key=lambda run: run.start)
    assert first.succeeded
    assert first.end <= second.start
    assert run_of(batch, "small").start < first.end


def test_a_pod_that_has_no_room_gives_its_slot_back_and_says_why(batch: Batch) -> None:
    batch.pool(targetDedicatedNodes=1)
    batch.job()
    batch.task("huge", commandLine=traced(), resources={"requests": {"cpu": "1000"}})
    assert "Insufficient cpu" in batch.says("btask", "huge", "Placed", "Unschedulable")
    assert "Insufficient cpu" in batch.says("bjob", "job", "Admitted", "Unschedulable")
    batch.task("other", commandLine=traced())
    batch.completed("other")
    assert batch.tasks()["huge"]["placementFailure"]["nodeId"]
    assert batch.tasks()["huge"]["executionInfo"].get("retryCount", 0) == 0


def test_a_task_sees_azures_variables_and_runs_as_the_user_it_names(batch: Batch) -> None:
    """7.1 and 7.2, from inside; 4.1: user identity."""
    own = {"name": "own", "linuxUserConfiguration": {"uid": 2000, "gid": 3000}}
    batch.pool(maxElevationLevel="admin", userAccounts=[{"name": "boss", "elevationLevel": "admin"}, own])
    batch.job(commonEnvironmentSettings=[{"name": "COLOUR", "value": "red"}, {"name": "SIZE", "value": "$HOME"}])
    show = "env; id -u; id -g; pwd"
    line = f"/bin/sh -c '({show}) > $AZ_BATCH_NODE_SHARED_DIR/seen.$AZ_BATCH_TASK_ID'"
    batch.task("mine", commandLine=line, environmentSettings=[{"name": "COLOUR", "value": "blue"}])
    batch.task("root", commandLine=line, userIdentity={"userName": "boss"})
    batch.task("other", commandLine=line, userIdentity={"userName": "own"})
    found = batch.completed("mine", "root", "other")
    seen, trace = {}, trace_context.of_job(uid(batch, "bjob", "job"), {})
    for name in ("mine", "root", "other"):
        node = found[name]["nodeInfo"]["nodeId"]
        seen[name] = (batch.root(node) / f"shared/seen.{name}").read_text().splitlines()
        wanted = {
            f"AZ_BATCH_NODE_ID={node}",
            "AZ_BATCH_POOL_ID=pool",
            "AZ_BATCH_JOB_ID=job",
            f"AZ_BATCH_TASK_ID={name}",
            f"AZ_BATCH_TASK_DIR={ROOT}/workitems/job/job-1/{name}",
            f"AZ_BATCH_NODE_ROOT_DIR={ROOT}",
            "AZ_BATCH_NODE_IS_DEDICATED=true",
            "SIZE=$HOME",
            f"TRACEPARENT={trace.told(trace_context.span(uid(batch, 'btask', name)))}",
        }
        assert wanted <= set(seen[name])
        assert not [line for line in seen[name] if line.startswith("BATCHYARD_")]
        assert seen[name][-1] == f"{ROOT}/workitems/job/job-1/{name}/wd"
        assert found[name]["nodeInfo"]["taskRootDirectory"] == f"{ROOT}/workitems/job/job-1/{name}"
    assert {name: told[-3:-1] for name, told in seen.items()} == {
        "mine": ["1000", "1000"],
        "root": ["0", "0"],
        "other": ["2000", "3000"],
    }
    assert "COLOUR=blue" in seen["mine"]
    assert "COLOUR=red" in seen["root"]
