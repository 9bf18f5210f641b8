"""`batchyard job ...`: what is shown, what is asked of the API server, and how it ends."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import pytest
import yaml
from typing_extensions import override

from batchyard.cli.outcome import Exit, Problem
from batchyard.kube.kinds import EVENT, Scope
from tests.cli.memory import Memory
from tests.cli.objects import (
    NODE_ROOT,
    agent,
    condition,
    event,
    failed,
    job,
    pod,
    preparation,
    range_task,
    record,
    task,
)
from tests.cli.typing_in import said, typed

WAITING = condition("Admitted", "False", "WaitingForSlot", "3 tasks waiting; 0 of 2 serving nodes have room; wait")
COMPLETED = {"terminateReason": "AllTasksComplete", "endTime": "2026-03-01T11:59:30Z"}


def test_list_shows_how_far_each_job_is_and_why_it_waits() -> None:
    jobs = (
        job("frames", conditions=(WAITING,), counts={"active": 3, "running": 2, "succeeded": 4, "failed": 1}),
        job("old", "completed", (WAITING,), counts={"succeeded": 2}, info=COMPLETED, spec={"priority": 5}),
        job("new", "", spec={"tasks": [{"id": "a"}, {"id": "b"}]}),
    )
    assert said("job list", *jobs) == (
        "NAME     STATE       POOL     DONE   FAILED   RUN   REASON           DURATION   AGE\n"
        "frames   active      sample   5/10   1        2     WaitingForSlot   60s        60s\n"
        "old      completed   sample   2/2    0        0     -                30s        60s\n"
        "new      -           sample   0/2    0        0     -                60s        60s\n"
    )
    assert said("job list -o wide", jobs[1]) == (
        "NAME   STATE       POOL     DONE   FAILED   RUN   REASON   PRIORITY   ENDED              DURATION   AGE\n"
        "old    completed   sample   2/2    0        0     -        5          AllTasksComplete   30s        60s\n"
    )


def test_list_in_other_forms_gives_the_objects_as_they_are() -> None:
    jobs = (job("one"), job("two"))
    assert said("job list -o name", *jobs) == "batchjob.batchyard.io/one\nbatchjob.batchyard.io/two\n"
    assert json.loads(said("job list -o json", *jobs))["items"] == [*jobs]
    assert yaml.safe_load(said("job list -o yaml", *jobs))["items"] == [*jobs]


def test_list_of_nothing_is_told_on_standard_error_and_is_an_empty_list_for_a_script() -> None:
    answer = typed("job list -n other", Memory())
    assert (answer.out, answer.err, answer.code) == ("", "no jobs in namespace other\n", 0)
    assert json.loads(typed("job list -o json", Memory()).out)["items"] == []
    assert typed("job list -o name", Memory()).out == ""


def test_list_selects_on_the_server() -> None:
    jobs = (job("one"), job("two", "completed"))
    assert said("job list --state completed -o name", *jobs) == "batchjob.batchyard.io/two\n"


def test_describe_shows_settings_conditions_and_nodes() -> None:
    records = (record("node2", **preparation("failure", 3)), record("node1", **preparation("success", 0)))
    shown = said("job describe demo", job(conditions=(WAITING,), counts={"active": 3}), *records)
    assert shown == (
        "Name:                  demo\n"
        "Namespace:             default\n"
        "Pool:                  sample\n"
        "State:                 active\n"
        "Priority:              0\n"
        "Tasks:                 3 active\n"
        "Queue:                 job 1 of 1 that wait for slots of the pool, 0 tasks before it\n"
        "Started:               2026-03-01T11:59:00Z\n"
        "Duration:              60s\n"
        "When tasks are done:   noaction\n"
        "\n"
        "Conditions:\n"
        "  Admitted=False WaitingForSlot: 3 tasks waiting; 0 of 2 serving nodes have room; wait\n"
        "\n"
        "Nodes:\n"
        "  NODE    PREPARATION   EXIT   RETRIES   RELEASE   RELEASEEXIT   WIPE   AGE\n"
        "  node1   completed     0      0         -         -             -      60s\n"
        "  node2   completed     3      0         -         -             -      60s\n"
    )


@pytest.mark.parametrize(
    ("line", "spec", "word"),
    [
        ("job terminate demo", {"desiredState": "terminated"}, "terminating"),
        ("job terminate demo --reason Enough", {"desiredState": "terminated", "terminateReason": "Enough"}, "terminating"),
        ("job disable demo", {"desiredState": "disabled", "disableTasks": "requeue"}, "disabling"),
        ("job disable demo --tasks wait", {"desiredState": "disabled", "disableTasks": "wait"}, "disabling"),
        ("job enable demo", {"desiredState": "active"}, "enabled"),
    ],
)  # fmt: skip
def test_request_is_one_write_and_says_so_as_kubectl_does(line: str, spec: dict[str, Any], word: str) -> None:
    cluster = Memory(job())
    assert typed(line, cluster).out == f"batchjob.batchyard.io/demo {word}\n"
    assert cluster.writes == [("patch", "BatchJob", "demo", {"spec": spec})]


def test_job_that_a_task_disabled_is_disabled_by_its_user_before_it_is_enabled() -> None:
    disabled = job(state="disabled", spec={"desiredState": "active"})
    disabled["status"]["disabledByTask"] = "a"
    cluster = Memory(disabled)
    assert typed("job enable demo", cluster).code == 0
    assert [body["spec"]["desiredState"] for _, _, _, body in cluster.writes] == ["disabled", "active"]


def test_delete_returns_at_once_or_waits_until_the_job_is_gone() -> None:
    cluster = Memory(job())
    assert typed("job delete demo", cluster).out == "batchjob.batchyard.io/demo deleted\n"
    cluster.later = [[("MODIFIED", job()), ("DELETED", job())]]
    assert typed("job delete demo --wait", cluster).out.endswith("batchjob.batchyard.io/demo is gone\n")


def test_job_that_is_not_there_is_told_with_its_own_exit_code_and_no_traceback() -> None:
    answer = typed("job describe nope", Memory())
    assert (answer.out, answer.code) == ("", Exit.NOT_FOUND)
    assert answer.err == 'error: batchjobs.batchyard.io "nope" not found\n'


def run_to(*versions: dict[str, Any], line: str = "job wait demo", more: tuple[dict[str, Any], ...] = ()) -> Any:
    """`line` typed while the job goes through these versions."""
    first, *others = versions
    cluster = Memory(first, *more)
    cluster.later = [[("MODIFIED", each) for each in others]]
    return typed(line, cluster)


def test_wait_tells_progress_and_the_verdict() -> None:
    goes_on = job(conditions=(WAITING,), counts={"active": 1, "running": 1, "succeeded": 2})
    answer = run_to(job(counts={"active": 4}), goes_on, job(counts={"succeeded": 4}))
    assert answer.err == (
        "demo: 0/4 tasks completed\n"
        "demo: 2/4 tasks completed, 1 running\n"
        "WaitingForSlot: 3 tasks waiting; 0 of 2 serving nodes have room; wait\n"
        "demo: 4/4 tasks completed\n"
    )
    assert answer.out == (
        "job demo: 4 of 4 tasks succeeded, 0 failed; it stays active; "
        "`batchyard job terminate demo` releases its nodes and ends it\n"
    )
    assert answer.code == Exit.OK


@pytest.mark.parametrize("line", ["job wait demo", "job delete demo --wait", "job run --pool sample"])
@pytest.mark.parametrize("timeout", ["nan", "inf", "-inf", "1e30", "-1", "soon"])
def test_timeout_that_is_no_time_is_wrong_usage(line: str, timeout: str) -> None:
    cluster = Memory(job())
    answer = typed(f"{line} --timeout={timeout} -- true" if " run " in line else f"{line} --timeout={timeout}", cluster)
    assert (answer.code, cluster.writes) == (Exit.USAGE, [])
    assert "--timeout" in answer.err


FAILED = condition("Failed", "True", "TaskFailed")
ENDS = {"onAllTasksComplete": "terminatejob"}
VERDICTS = {
    "completed by itself": (job(state="completed", counts={"succeeded": 2}, info=COMPLETED), Exit.OK),
    "a task failed": (job(state="completed", conditions=(FAILED,), counts={"failed": 1}, info=COMPLETED), Exit.JOB_FAILED),
    "a task failed, job stays": (job(counts={"failed": 1, "succeeded": 1}), Exit.JOB_FAILED),
    "terminated": (
        job(state="completed", conditions=(FAILED,), counts={"failed": 1}, info={"terminateReason": "UserTerminate"}),
        Exit.JOB_STOPPED,
    ),
    "terminated when all had succeeded": (
        job(state="completed", counts={"succeeded": 1}, info={"terminateReason": "UserTerminate"}),
        Exit.OK,
    ),
    "disabled": (job(state="disabled", counts={"active": 1}), Exit.JOB_STOPPED),
    "not valid": (job(conditions=(condition("Stalled", "True", "InvalidObject", "no"),)), Exit.JOB_FAILED),
}  # fmt: skip


@pytest.mark.parametrize("name", VERDICTS)
def test_exit_code_tells_how_the_job_ended(name: str) -> None:
    end, code = VERDICTS[name]
    answer = run_to(job(counts={"active": 2}), end)
    assert answer.code == code, answer
    assert answer.out.startswith("job demo")


@pytest.mark.parametrize(
    ("wanted", "version", "ends"),
    [
        ("done", job(counts={"succeeded": 1}), True),
        ("done", job(counts={"succeeded": 1}, spec=ENDS), False),
        ("done", job(counts={"succeeded": 1}, spec={"desiredState": "terminated"}), False),
        ("done", job(counts={"succeeded": 1}, state="terminating"), False),
        ("tasks", job(counts={"succeeded": 1}, spec=ENDS), True),
        ("completed", job(counts={"succeeded": 1}), False),
        ("tasks", job(counts={"succeeded": 1}, spec={"tasks": [{"id": "a"}, {"id": "b"}]}), False),
        ("tasks", job(), False),
        ("tasks", job(counts={"succeeded": 1}, meta={"generation": 2}), False),
    ],
)
def test_wait_waits_for_what_it_is_told(wanted: str, version: dict[str, Any], ends: bool) -> None:
    answer = run_to(version, line=f"job wait demo --for {wanted} --timeout 0")
    assert answer.code == (Exit.OK if ends else Exit.TIMEOUT)


def test_wait_shows_what_failed_and_the_command_that_shows_more() -> None:
    tasks = [task("a", "completed", node="node1", info=failed(3)), task("b", "completed", node="node2")]
    answer = run_to(job(counts={"failed": 1, "succeeded": 1}), more=(*tasks,))
    assert answer.out.splitlines()[1:] == [
        "  a on node1: FailureExitCode, exit code 3: it failed",
        "  batchyard task logs demo a",
    ]


def test_wait_shows_the_last_lines_of_tasks_that_failed() -> None:
    tasks = [task(each, "completed", node="node1", info=failed(3)) for each in ("a", "b", "c", "d")]
    cluster = Memory(job(counts={"failed": 4}), *tasks, pod(tasks[0]), agent("node1"))
    cluster.logs["demo.a-0-None"] = b"".join(b"line %d\n" % number for number in range(9)) + b"\x1b[31mred\x1b[0m\n"
    for file, text in (("stdout", b"begun\n"), ("stderr", b"no camera\n" + b"x" * 200)):
        cluster.files[f"{NODE_ROOT}/workitems/demo/job-1/b/{file}.txt"] = text
    cluster.logs["demo.d-0-None"] = b"a fourth says nothing here\n"
    assert typed("job wait demo", cluster).out.splitlines()[1:] == [
        "  a on node1: FailureExitCode, exit code 3: it failed",
        *(f"    | line {number}" for number in range(5, 9)),
        "    |  [31mred [0m",
        "  b on node1: FailureExitCode, exit code 3: it failed",
        "    | begun",
        "    | no camera",
        f"    | {'x' * 160}...",
        "  c on node1: FailureExitCode, exit code 3: it failed",
        "  d on node1: FailureExitCode, exit code 3: it failed",
        "  batchyard task logs demo --failed",
    ]


def test_last_lines_are_left_out_where_the_whole_output_follows() -> None:
    found = task("a", "completed", node="node1", info=failed(3))
    cluster = Memory(job(counts={"failed": 1}), found, pod(found))
    cluster.logs["demo.a-0-None"] = b"no camera\n"
    assert typed("job wait demo --logs", cluster).out.splitlines()[1:] == [
        "  a on node1: FailureExitCode, exit code 3: it failed",
        "  batchyard task logs demo a",
        "no camera",
    ]


def test_failures_of_a_range_are_told_together() -> None:
    failures = [{"failureCode": "FailureExitCode", "exitCode": 1, "ids": "4,7-8"}]
    tasks = range_task("frames", 1, 10, "completed", counts={"failed": 3, "succeeded": 7}, failed=failures)
    inline = {"tasks": [{"id": "frames", "range": {"start": 1, "end": 10}}]}
    answer = run_to(job(counts={"failed": 3, "succeeded": 7}, spec=inline), more=(tasks,))
    assert answer.out.splitlines()[1:] == [
        "  1-10: 3 FailureExitCode, exit code 1 (4,7-8)",
        "  batchyard task logs demo --failed",
    ]
    assert run_to(job(counts={"succeeded": 7}, spec=inline), line="job wait demo --timeout 0").code == Exit.TIMEOUT


def test_job_that_is_deleted_while_somebody_waits_was_stopped() -> None:
    cluster = Memory(job(counts={"active": 1}))
    cluster.later = [[("DELETED", job())]]
    answer = typed("job wait demo", cluster)
    assert (answer.code, answer.err.splitlines()[-1]) == (Exit.JOB_STOPPED, "error: job demo was deleted")


def test_interrupted_wait_says_that_the_job_goes_on() -> None:
    class Interrupted(Memory):
        @override
        def changes(self, *_: object, **__: object) -> NoReturn:
            raise KeyboardInterrupt

    answer = typed("job wait demo", Interrupted(job(counts={"active": 1})))
    assert answer.code == Exit.INTERRUPTED
    assert "job demo goes on\n  batchyard job wait demo" in answer.err


def test_run_makes_a_job_of_one_task_that_ends_with_it() -> None:
    cluster = Memory()
    line = "job run --pool sample --image busybox:1.37 -e A=b --no-wait -- /bin/sh -c 'echo hello'"
    assert typed(line, cluster).out == "batchjob.batchyard.io/run-x7k2p created\n"
    ((_, _, _, body),) = cluster.writes
    assert body["metadata"] == {"generateName": "run-"}
    assert body["spec"] == {
        "poolInfo": {"poolId": "sample"},
        "onAllTasksComplete": "terminatejob",
        "tasks": [
            {
                "id": "task",
                "commandLine": "/bin/sh -c 'echo hello'",
                "containerSettings": {"imageName": "busybox:1.37"},
                "environmentSettings": [{"name": "A", "value": "b"}],
            }
        ],
    }


def test_run_of_a_file_ends_as_the_job_ends() -> None:
    text = yaml.safe_dump(
        {"kind": "BatchJob", "metadata": {"name": "demo"}, "spec": {"poolInfo": {"poolId": "sample"}}}
    )
    cluster = Memory()
    cluster.later = [[("MODIFIED", VERDICTS["a task failed"][0])]]
    answer = typed("job run -f -", cluster, stdin=text)
    assert answer.code == Exit.JOB_FAILED
    assert answer.out.splitlines()[0] == "batchjob.batchyard.io/demo created"


@pytest.mark.parametrize(
    ("line", "stdin", "says"),
    [
        ("job run", "", "give a file with -f"),
        ("job run -f - --pool sample -- true", "", "not both"),
        ("job run --pool sample -e nope -- true", "", "is not NAME=VALUE"),
        ("job run -f -", "kind: BatchPool\n---\nkind: BatchJob", "holds BatchPool, BatchJob; one BatchJob is wanted"),
        ("job run -f -", "", "holds nothing"),
        ("job run -f -", "{", "cannot read -"),
        ("job run -f /nowhere/job.yaml", "", "cannot read /nowhere/job.yaml"),
        ("job run -f - -n here", "{kind: BatchJob, metadata: {name: a, namespace: there}}", "namespace there"),
        ("job nonsense", "", "No such command"),
        ("job wait", "", "Missing argument 'JOB'"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_written(line: str, stdin: str, says: str) -> None:
    cluster = Memory()
    answer = typed(line, cluster, stdin=stdin)
    assert says in answer.err
    assert answer.code in (Exit.ERROR, Exit.USAGE)
    assert cluster.writes == []


def test_dry_run_prints_the_job_and_creates_nothing() -> None:
    cluster = Memory()
    answer = typed("job run --pool sample --dry-run -- echo 'two words'", cluster)
    assert yaml.safe_load(answer.out)["spec"]["tasks"][0]["commandLine"] == "echo 'two words'"
    assert cluster.writes == []


def test_describe_tells_no_exit_code_of_before_while_preparation_runs_again() -> None:
    again = preparation("failure", 4)["jobPreparationTaskExecutionInfo"] | {"state": "running"}
    shown = said("job describe demo", job(), record("node1", jobPreparationTaskExecutionInfo=again))
    assert re.search(r"node1 +running +- ", shown)


def test_describe_shows_the_events_about_a_job_and_its_nodes_the_latest_last() -> None:
    node = record("node1")
    events = (
        event(node, "PreparationFailed", "on node node1: exit code 3", "Warning", "2026-03-01T11:59:50Z"),
        event(job(), "JobActive", "the job is active"),
        event({**job(), "metadata": {**job()["metadata"], "uid": "earlier"}}, "JobCompleted", "of an earlier job"),
        event(record("node1", of="other"), "PreparationFailed", "of another job"),
    )
    assert said("job describe demo", job(), node, *events).partition("Events:\n")[2] == (
        "  AGE   TYPE      REASON              ABOUT                     MESSAGE\n"
        "  60s   Normal    JobActive           BatchJob/demo             the job is active\n"
        "  10s   Warning   PreparationFailed   BatchJobNode/demo.node1   on node node1: exit code 3\n"
    )


def test_describe_goes_without_events_where_they_may_not_be_read() -> None:
    class Blind(Memory):
        @override
        def list(self, scope: Scope) -> list[dict[str, Any]]:
            if scope.kind is EVENT:
                raise Problem("events is forbidden", Exit.FORBIDDEN)
            return super().list(scope)

    answer = typed("job describe demo", Blind(job()))
    assert (answer.code, answer.err, "Events" in answer.out) == (Exit.OK, "", False)
