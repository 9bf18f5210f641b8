"""`batchyard why` and `batchyard task why`: one reason, numbers, the next step."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from batchyard.cli.outcome import Exit
from tests.cli.memory import Memory
from tests.cli.objects import condition, failed, job, node, pool, preparation, record, succeeded, task
from tests.cli.typing_in import said, typed

Object = dict[str, Any]


def admitted(reason: str, message: str) -> Object:
    return condition("Admitted", "False", reason, message)


SLOTS = admitted(
    "WaitingForSlot", "3 tasks waiting; 0 of 2 serving nodes have room; wait, or raise targetDedicatedNodes"
)
COUNTS = {"active": 3, "running": 2}

JOBS = {
    "waits for a slot": (
        [job(conditions=(SLOTS,), counts=COUNTS)],
        (
            "job demo: active, 5 tasks (3 waiting, 2 running)\n"
            "WaitingForSlot: 3 tasks waiting; 0 of 2 serving nodes have room\n"
            "next: wait, or raise targetDedicatedNodes\n"
            "also: place in the queue: job 1 of 1 that wait for slots of the pool, 0 tasks before it\n"
        ),
    ),
    "its preparation fails": (
        [
            job(
                conditions=(
                    admitted("PreparationFailing", "preparation failed on 1 of 1 nodes; 3 tasks waiting; see"),
                ),
                counts=COUNTS,
            ),
            record("node1", **preparation("failure", 7)),
        ],
        (
            "job demo: active, 5 tasks (3 waiting, 2 running)\n"
            "PreparationFailing: preparation failed on 1 of 1 nodes; 3 tasks waiting\n"
            "next: preparation failed on node1, exit code 7: "
            "batchyard node cat node1 /mnt/batch/tasks/workitems/demo/job-1/jobpreparation/stderr.txt --pool sample\n"
        ),
    ),
    "waits, and something is wrong besides": (
        [
            job(
                conditions=(SLOTS, condition("Unsupported", "True", "NotImplemented", "have no effect yet: x")),
                counts={**COUNTS, "failed": 1},
            ),
            record("node1", **preparation("failure", 7)),
            task("a", "completed", node="node1", info=failed(3)),
        ],
        (
            "job demo: active, 6 tasks (3 waiting, 2 running, 1 failed)\n"
            "WaitingForSlot: 3 tasks waiting; 0 of 2 serving nodes have room\n"
            "next: wait, or raise targetDedicatedNodes\n"
            "also: place in the queue: job 1 of 1 that wait for slots of the pool, 0 tasks before it\n"
            "also: 1 task failed: batchyard task list demo --failed\n"
            "also: preparation failed on node1, exit code 7: "
            "batchyard node cat node1 /mnt/batch/tasks/workitems/demo/job-1/jobpreparation/stderr.txt --pool sample\n"
            "also: Unsupported: have no effect yet: x\n"
        ),
    ),
    "is disabled": (
        [
            job(
                state="disabled",
                conditions=(
                    condition(
                        "Suspended",
                        "True",
                        "JobDisabled",
                        "1/5 tasks completed, 0 failed; the job is disabled; set desiredState to active to enable it",
                    ),
                ),
                counts=COUNTS,
            )
        ],
        (
            "job demo: disabled, 5 tasks (3 waiting, 2 running)\n"
            "Suspended: 1/5 tasks completed, 0 failed; the job is disabled\n"
            "next: batchyard job enable demo\n"
        ),
    ),
    "runs": (
        [job(conditions=(condition("Admitted", "True"),), counts={"running": 2})],
        (
            "job demo: active, 2 tasks (2 running)\n"
            "Running: nothing keeps its tasks waiting; 2 running\n"
            "next: batchyard job wait demo\n"
        ),
    ),
    "has no tasks": (
        [job()],
        "job demo: active, 0 tasks\nEmpty: the job has no tasks\nnext: add BatchTasks that name it, or terminate it\n",
    ),
    "has done them all": (
        [job(counts={"succeeded": 2})],
        (
            "job demo: active, 2 tasks (2 succeeded)\n"
            "Idle: all 2 tasks are completed, 0 failed\n"
            "next: add BatchTasks, or batchyard job terminate demo\n"
        ),
    ),
    "is terminating": (
        [
            job(
                state="terminating",
                conditions=(
                    condition(
                        "Reconciling",
                        "True",
                        "JobTerminating",
                        "2/2 tasks completed, 0 failed; waiting for release on node1",
                    ),
                ),
                counts={"succeeded": 2},
            )
        ],
        (
            "job demo: terminating, 2 tasks (2 succeeded)\n"
            "Terminating: 2/2 tasks completed, 0 failed; waiting for release on node1\n"
            "next: wait; it ends by itself\n"
        ),
    ),
    "has failed": (
        [
            job(
                state="completed",
                conditions=(condition("Failed", "True", "TaskFailed"), SLOTS),
                counts={"failed": 3, "succeeded": 1},
                info={"terminateReason": "AllTasksComplete"},
            ),
            task("a", "completed", node="node1", info=failed(3)),
            task("b", "completed", node="node2", info=failed(3)),
            task("c", "completed", node="node2", info=failed(137, "OutOfMemory", "killed")),
        ],
        (
            "job demo: completed, 4 tasks (1 succeeded, 3 failed)\n"
            "AllTasksComplete: 1 of 4 tasks succeeded; 2 failed: FailureExitCode, exit code 3: it failed; "
            "1 failed: OutOfMemory, exit code 137: killed\n"
            "next: batchyard task logs demo a\n"
        ),
    ),
    "has succeeded": (
        [job(state="completed", counts={"succeeded": 1}, info={"terminateReason": "UserTerminate"})],
        "job demo: completed, 1 task (1 succeeded)\nUserTerminate: 1 of 1 task succeeded\n",
    ),
    "was not seen yet": (
        [job(meta={"generation": 2})],
        (
            "job demo: active, 0 tasks\n"
            "Unseen: the operator has not looked at this job yet\n"
            "next: see that the operator runs: batchyard doctor\n"
        ),
    ),
    "cannot be read": (
        [job(conditions=(condition("Stalled", "True", "InvalidObject", "spec.x is wrong; correct it"),))],
        "job demo: active, 0 tasks\nInvalidObject: spec.x is wrong\nnext: correct it\n",
    ),
}


def answer(line: str, *objects: Object) -> str:
    """Without its last line, where that names the documentation."""
    return re.sub(r"docs: .+\n$", "", said(line, *objects))


@pytest.mark.parametrize("name", JOBS)
def test_job_says_why_it_waits_or_how_it_ended(name: str) -> None:
    objects, shown = JOBS[name]
    assert answer("why demo", *objects) == shown
    assert answer("why job/demo", *objects) == shown


WAITING = task("a", spec={"dependsOn": {"taskIds": ["B", "c", "d", "e"], "taskIdRanges": [{"start": 1, "end": 3}]}})
PARENTS = (task("b", "completed", info=succeeded()), task("c", "running", node="node1"), task("01", "completed", info=succeeded()))  # fmt: skip
HOPELESS = task("a", spec={"dependsOn": {"taskIds": ["b"]}})

TASKS = {
    "waits as its job does": (
        [job(conditions=(SLOTS,)), task("a")],
        (
            "task a of job demo: active\n"
            "WaitingForSlot: 3 tasks waiting; 0 of 2 serving nodes have room\n"
            "next: wait, or raise targetDedicatedNodes\n"
        ),
    ),
    "waits for other tasks": (
        [job(conditions=(SLOTS,)), WAITING, *PARENTS],
        (
            "task a of job demo: active\n"
            "WaitingForDependency: waits for c (running), d (does not exist), e (does not exist) and 1 more\n"
            "next: wait, or add the tasks that are missing\n"
        ),
    ),
    "waits for numbers": (
        [job(), task("a", spec={"dependsOn": {"taskIdRanges": [{"start": 1, "end": 3}]}}), *PARENTS],
        (
            "task a of job demo: active\n"
            "WaitingForDependency: waits for 2 of 1-3, the first is 2 (does not exist)\n"
            "next: wait, or add the tasks that are missing\n"
        ),
    ),
    "waits for one that failed": (
        [job(), HOPELESS, task("b", "completed", info=failed(1))],
        (
            "task a of job demo: active\n"
            "DependencyFailed: waits for b (failed); b has failed and does not satisfy it\n"
            "next: batchyard task reactivate demo b\n"
        ),
    ),
    "is refused": (
        [
            job(),
            task(
                "a",
                status={
                    "conditions": [admitted("TaskExists", "id 'a' is taken; choose another; this task never runs")]
                },
            ),
        ],
        "task a of job demo: active\nTaskExists: id 'a' is taken; choose another\nnext: create a corrected task\n",
    ),
    "finds no room": (
        [job(), task("a", status={"conditions": [condition("Placed", "False", "Unschedulable", "Insufficient cpu")]})],
        (
            "task a of job demo: active\n"
            "Unschedulable: Insufficient cpu\n"
            "next: lower the task's resources.requests or free the nodes\n"
        ),
    ),
    "has no job": (
        [task("a")],
        "task a of job demo: active\nMisconfigured: there is no job demo\nnext: create it\n",
    ),
    "is next": (
        [job(), task("a")],
        "task a of job demo: active\nPendingEvaluation: nothing is known to keep it waiting; it is placed next\nnext: wait\n",
    ),
    "is being prepared": (
        [
            job(),
            task("a", "preparing", node="node1"),
            record("node1", jobPreparationTaskExecutionInfo={"state": "running", "startTime": "2026-03-01T11:59:48Z"}),
        ],
        (
            "task a of job demo: preparing\n"
            "Preparing: the job's preparation runs on node1 for 12s, retry 0\n"
            "next: wait\n"
        ),
    ),
    "runs": (
        [job(), task("a", "running", node="node1", info={"startTime": "2026-03-01T11:59:30Z", "retryCount": 1})],
        "task a of job demo: running\nRunning: on node1 for 30s (1 retry)\nnext: batchyard task logs demo a --follow\n",
    ),
    "failed": (
        [job(), task("a", "completed", node="node1", info=failed(3, retryCount=2))],
        (
            "task a of job demo: completed\n"
            "FailureExitCode: exit code 3: it failed (2 retries)\n"
            "next: batchyard task logs demo a; then batchyard task reactivate demo a\n"
        ),
    ),
    "succeeded": (
        [job(), task("a", "completed", node="node1", info=succeeded())],
        "task a of job demo: completed\nSucceeded: on node1 after 3s\nnext: batchyard task logs demo a\n",
    ),
}


@pytest.mark.parametrize("name", TASKS)
def test_task_says_why_it_waits_or_how_it_ended(name: str) -> None:
    objects, shown = TASKS[name]
    assert answer("task why demo a", *objects) == shown
    assert answer("why demo a", *objects) == shown


def test_pool_says_why_it_is_not_what_it_should_be() -> None:
    short = condition("Ready", "False", "NoMatchingNodes", "1 of 2 dedicated nodes found: no more match; label Nodes")
    nodes = (node("node1"), node("node2", "running"))
    assert answer("why pool/sample", pool(current=1, status={"conditions": [short]}), node("node1")) == (
        "pool sample: active, steady, 1 of 2 nodes\n"
        "NoMatchingNodes: 1 of 2 dedicated nodes found: no more match\n"
        "next: label Nodes\n"
    )
    assert said("why pool/sample", pool(), *nodes) == (
        "pool sample: active, steady, 2 of 2 nodes\nTargetReached: 1 idle, 1 running\n"
    )


def test_answer_is_told_to_scripts_in_parts() -> None:
    short = condition("Ready", "False", "NoMatchingNodes", "1 of 2 dedicated nodes found: no more match; label Nodes")
    found = (pool(current=1, status={"conditions": [short]}), node("node1"))
    told = {
        "about": "pool sample: active, steady, 1 of 2 nodes",
        "reason": "NoMatchingNodes",
        "message": "1 of 2 dedicated nodes found: no more match",
        "next": "label Nodes",
        "also": [],
        "docs": "docs/troubleshooting.md#nomatchingnodes",
    }
    assert json.loads(said("why pool/sample -o json", *found)) == told
    assert yaml.safe_load(said("why pool/sample -o yaml", *found)) == told
    ended = (job(), task("a", "completed", node="node1", info=succeeded()))
    for line in ("why demo a", "task why demo a", "why demo"):
        assert json.loads(said(f"{line} -o json", *ended))["about"] == said(line, *ended).splitlines()[0]


def test_answer_with_a_next_step_names_the_page_that_tells_of_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = (job(conditions=(SLOTS,), counts=COUNTS), task("a", "completed", node="node1", info=failed(3)))
    assert said("why demo", *waits).endswith("\ndocs: docs/troubleshooting.md#waitingforslot\n")
    assert said("why demo a", *waits).endswith("\ndocs: docs/troubleshooting.md#why-a-task-failed\n")
    assert "docs" not in said("why demo", job(conditions=(condition("Admitted", "True"),), counts={"running": 2}))
    assert "docs" not in said("why demo", job(state="completed", counts={"succeeded": 1}, info={"terminateReason": "AllTasksComplete"}))  # fmt: skip
    monkeypatch.setenv("BATCHYARD_DOCS", "https://docs.example.com/troubleshooting/")
    assert said("why demo", *waits).endswith("\ndocs: https://docs.example.com/troubleshooting/#waitingforslot\n")
    told = json.loads(said("why demo -o json", *waits))
    assert told["docs"] == "https://docs.example.com/troubleshooting/#waitingforslot"


def test_target_of_another_kind_is_refused() -> None:
    answer = typed("why node/x", Memory())
    assert (answer.code, "neither a job nor a pool" in answer.err) == (Exit.ERROR, True)
