"""`batchyard task ...` but `why`: lists, output from the kubelet and from the node's files, another try."""

from __future__ import annotations

from typing import NoReturn

import pytest
from typing_extensions import override

from batchyard.api import names
from batchyard.cli.outcome import Exit, Problem
from tests.cli.memory import Memory
from tests.cli.objects import NODE_ROOT, agent, condition, failed, job, succeeded, task
from tests.cli.typing_in import said, typed

POD = names.task_pod("demo.a", "uid-demo.a", 0)
OUT, ERR = (f"{NODE_ROOT}/workitems/demo/job-1/a/{name}" for name in ("stdout.txt", "stderr.txt"))


def test_list_shows_where_tasks_run_and_how_they_ended() -> None:
    tasks = (
        task("c", status={"conditions": [condition("Placed", "False", "Unschedulable")]}),
        task("a", "completed", node="node1", info=succeeded()),
        task("b", "completed", node="node2", info=failed(3, retryCount=2)),
        task("other", of="another"),
    )
    assert said("task list demo", *tasks) == (
        "TASK   STATE       NODE    EXIT   RESULT    RETRIES   REASON            DURATION   AGE\n"
        "a      completed   node1   0      success   0         -                 3s         60s\n"
        "b      completed   node2   3      failure   2         FailureExitCode   5s         60s\n"
        "c      active      -       -      -         0         Unschedulable     -          60s\n"
    )
    assert said("task list demo --failed -o name", *tasks) == "batchtask.batchyard.io/demo.b\n"
    assert said("task list demo --state active -o name", *tasks) == "batchtask.batchyard.io/demo.c\n"
    assert said("task list demo --node node1 -o name", *tasks) == "batchtask.batchyard.io/demo.a\n"


def test_list_of_a_job_that_is_not_there_says_so() -> None:
    assert typed("task list nope", Memory()).code == Exit.NOT_FOUND
    assert typed("task list demo", Memory(job())).err == "no such tasks in namespace default\n"


def test_logs_come_from_the_kubelet_while_the_pod_is_there() -> None:
    cluster = Memory(task("a", "running", node="node1"))
    cluster.logs[POD] = b"one\ntwo\nthree\n"
    assert typed("task logs demo a", cluster).out == "one\ntwo\nthree\n"
    assert typed("task logs demo a --tail 1", cluster).out == "three\n"
    assert cluster.executed == []


def test_logs_come_from_the_files_on_the_node_when_the_pod_is_gone() -> None:
    cluster = Memory(task("a", "completed", node="node1", info=succeeded()), agent("node1"), agent("node2"))
    cluster.files = {OUT: b"hello\n\xff", ERR: b"careful\n"}
    answer = typed("task logs demo A", cluster)
    assert (answer.out.encode(errors="surrogateescape"), answer.err) == (b"hello\n\xff", "careful\n")
    assert [(pod, words[5:]) for _, pod, words in cluster.executed] == [
        ("sample-node-node1", [OUT, ""]),
        ("sample-node-node1", [ERR, ""]),
    ]
    assert typed("task logs demo a --stderr --tail 7", cluster).out == "careful\n"
    assert cluster.executed[-1][2][5:] == [ERR, "7"]


def test_following_waits_for_the_start() -> None:
    cluster = Memory(task("a"))
    cluster.later = [[("MODIFIED", task("a", "preparing")), ("MODIFIED", task("a", "running", node="node1"))]]
    cluster.logs[POD] = b"hello\n"
    assert typed("task logs demo a --follow", cluster).out == "hello\n"


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("task logs demo a", Exit.NOT_FOUND, "task a has no output: it has not started\n  batchyard task why demo a"),
        ("task logs demo b", Exit.NOT_FOUND, "pool sample has no running agent on node gone"),
        (
            "task logs demo c",
            Exit.NOT_FOUND,
            f"{NODE_ROOT}/workitems/demo/job-1/c/stdout.txt: no such file or directory",
        ),
        ("task logs demo x", Exit.NOT_FOUND, "job demo has no task x\n  batchyard task list demo"),
        ("task logs nope x", Exit.NOT_FOUND, 'batchjobs.batchyard.io "nope" not found'),
        ("task logs demo a -f --stderr", Exit.USAGE, "leave out --stdout and --stderr"),
    ],
)
def test_output_that_is_not_there_is_told_with_the_next_step(line: str, code: Exit, says: str) -> None:
    tasks = (task("a"), task("b", "completed", node="gone"), task("c", "completed", node="node1"))
    answer = typed(line, Memory(job(), *tasks, agent("node1")))
    assert says in answer.err
    assert answer.code == code


def test_reader_without_the_right_to_exec_is_told_which_right_it_needs() -> None:
    class Viewed(Memory):
        @override
        def execute(self, *_: object) -> NoReturn:
            raise Problem('pods "sample-node-node1" is forbidden', Exit.FORBIDDEN)

    answer = typed("task logs demo a", Viewed(task("a", "completed", node="node1"), agent("node1")))
    assert answer.code == Exit.FORBIDDEN
    assert "that needs get and create on pods/exec" in answer.err


def test_reactivation_raises_the_counter_once_even_if_two_people_ask() -> None:
    cluster = Memory(task("a", "completed", info=failed(1), spec={"reactivations": 1}))
    assert typed("task reactivate demo a", cluster).out == "batchtask.batchyard.io/demo.a reactivated\n"
    ((_, _, _, body),) = cluster.writes
    assert body == {"metadata": {"resourceVersion": "7"}, "spec": {"reactivations": 2}}


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (task("a", "running"), "task a is running; only a failed task can run again"),
        (task("a", "completed", info=succeeded()), "task a has succeeded, and success is final"),
        (task("a", "completed", info=failed(1), spec={"desiredState": "terminated"}), "task a was terminated"),
    ],
)
def test_reactivation_that_would_be_refused_is_not_asked_for(found: dict[str, object], says: str) -> None:
    cluster = Memory(found)
    answer = typed("task reactivate demo a", cluster)
    assert says in answer.err
    assert answer.code == Exit.ERROR
    assert cluster.writes == []
