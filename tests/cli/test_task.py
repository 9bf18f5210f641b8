"""`batchyard task ...` but `why`: lists, output from the kubelet and from the node's files, another try."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from typing_extensions import override

from batchyard.cli.outcome import Exit
from tests.cli.memory import Memory, key
from tests.cli.objects import NODE_ROOT, agent, condition, event, failed, job, pod, range_task, record, succeeded, task
from tests.cli.typing_in import said, typed

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


def test_task_that_nobody_has_written_about_waits() -> None:
    found = task("a", "")
    assert "a      active" in said("task list demo --state active", found)
    assert said("task why demo a", job(), found).startswith("task a of job demo: active\n")


def test_list_is_in_the_order_that_people_count_in() -> None:
    tasks = (task(each) for each in ("frame10", "frame2", "a", "frame1", "10", "9"))
    names = said("task list demo -o name", *tasks).split()
    assert [name.partition(".io/demo.")[2] for name in names] == ["9", "10", "a", "frame1", "frame2", "frame10"]


def test_list_of_a_job_that_is_not_there_says_so() -> None:
    assert typed("task list nope", Memory()).code == Exit.NOT_FOUND
    assert typed("task list demo", Memory(job())).err == "no such tasks in namespace default\n"


def test_logs_come_from_the_kubelet_while_the_pod_is_there() -> None:
    running = task("a", "running", node="node1")
    cluster = Memory(running, pod(running), pod(running, attempt=10), pod(running, attempt=9), pod(task("b")))
    cluster.logs["demo.a-10-None"] = b"one\ntwo\nthree\n"
    assert typed("task logs demo a", cluster).out == "one\ntwo\nthree\n"
    assert typed("task logs demo a --tail 1", cluster).out == "three\n"
    assert cluster.executed == []


def test_what_has_ended_is_read_whole_from_its_files_though_its_pod_is_there() -> None:
    """The kubelet keeps only the end of a long output."""
    ended = task("a", "completed", node="node1", info=succeeded())
    cluster = Memory(ended, pod(ended), agent("node1"))
    cluster.files = {OUT: b"one\ntwo\n", ERR: b"careful\n"}
    cluster.logs["demo.a-0-None"] = b"two\n"
    answer = typed("task logs demo a", cluster)
    assert (answer.out, answer.err) == ("one\ntwo\n", "careful\n")
    cluster.files.clear()
    answer = typed("task logs demo a", cluster)
    assert (answer.out, answer.err) == ("two\n", "")


def test_what_has_ended_is_read_from_the_kubelet_by_those_who_may_not_read_files() -> None:
    ended = task("a", "completed", node="node1", info=succeeded())
    cluster = Memory(ended, pod(ended), agent("node1"))
    cluster.denied.add("create pods/exec")
    cluster.logs["demo.a-0-None"] = b"two\n"
    assert typed("task logs demo a", cluster).both == "two\n"


def test_one_of_a_range_that_has_ended_is_looked_for_where_its_pod_was() -> None:
    run = pod(RANGE, index=8)
    run["spec"] = {"nodeName": "node2"}
    cluster = Memory(RANGE, run, record("node1"), record("node2"), agent("node1"), agent("node2"))
    cluster.files = {f"{NODE_ROOT}/workitems/demo/job-1/8/{each}.txt": b"eight\n" for each in ("stdout", "stderr")}
    assert typed("task logs demo 8", cluster).out == "eight\n"
    assert {pod for _, pod, _ in cluster.executed} == {"sample-node-node2"}


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
    cluster = Memory(task("a"), pod(task("a")))
    cluster.later = [[("MODIFIED", task("a", "preparing")), ("MODIFIED", task("a", "running", node="node1"))]]
    cluster.logs["demo.a-0-None"] = b"hello\n"
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
    cluster = Memory(task("a", "completed", node="node1"), agent("node1"))
    cluster.denied.add("create pods/exec")
    answer = typed("task logs demo a", cluster)
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


COUNTS = {"active": 3, "succeeded": 4, "failed": 3}
FAILED = [
    {"failureCode": "FailureExitCode", "exitCode": 1, "ids": "4,7-8"},
    {"failureCode": "TaskEnded", "dependencyAction": "satisfy", "ids": "9"},
]
RANGE = range_task("frames", 1, 10, counts=COUNTS, succeeded="1-3", asking="5", failed=FAILED)


def test_range_is_one_line_with_counts() -> None:
    assert said("task list demo", RANGE) == (
        "TASK   STATE     NODE   EXIT   RESULT              RETRIES   REASON            DURATION   AGE\n"
        "1-10   running   -      -      4 of 10, 3 failed   0         FailureExitCode   -          60s\n"
    )
    assert said("task list demo --failed -o name", RANGE) == "batchtask.batchyard.io/frames\n"


def test_each_of_a_range_says_what_became_of_it() -> None:
    assert said("task why demo 08", job(), RANGE) == (
        "task 8 of 1-10 of job demo: running\nFailureExitCode: exit code 1\nnext: batchyard task logs demo 8\n"
        "docs: docs/troubleshooting.md#why-a-task-failed\n"
    )
    assert "Succeeded" in said("task why demo 5", job(), RANGE)
    assert said("task why demo 1-10", job(), RANGE) == (
        "task 1-10 of job demo: running\n"
        "Running: 4 of 10, 3 failed; 3 FailureExitCode, exit code 1 (4,7-8); 1 TaskEnded (9)\n"
        "next: batchyard task logs demo 4\n"
    )


def test_task_that_waits_for_a_range_says_for_how_many_and_which_first() -> None:
    waits = task("a", spec={"dependsOn": {"taskIds": ["4"], "taskIdRanges": [{"start": 1, "end": 10}]}})
    assert said("task why demo a", job(), RANGE, waits) == (
        "task a of job demo: active\n"
        "DependencyFailed: waits for 4 (failed), 5 of 1-10, the first is 4 (failed); 4 has failed and does not satisfy it\n"
        "next: batchyard task reactivate demo 4\n"
        "docs: docs/troubleshooting.md#dependencyfailed\n"
    )


def test_output_of_one_of_a_range_is_looked_for_on_all_nodes_of_the_job() -> None:
    cluster = Memory(RANGE, pod(RANGE, index=2), record("node1"), record("node2"), agent("node1"), agent("node2"))
    cluster.logs["frames-0-2"] = b"from the kubelet\n"
    assert typed("task logs demo 2", cluster).out == "from the kubelet\n"
    directory = f"{NODE_ROOT}/workitems/demo/job-1/7"
    cluster.files = {f"{directory}/stdout.txt": b"from the node\n", f"{directory}/stderr.txt": b""}
    assert typed("task logs demo 7", cluster).out == "from the node\n"
    assert typed("task logs demo 1-10", cluster).code == Exit.USAGE
    waits = typed("task logs demo 6", cluster)
    assert "task 6 has no output: it has not started, or its files are gone\n  batchyard task why demo 6" in waits.err
    assert typed("task logs demo 11", Memory(job(), RANGE)).code == Exit.NOT_FOUND


def test_output_of_all_that_failed_is_printed_below_their_names() -> None:
    broken = task("a", "completed", node="node1", info=failed(3))
    cluster = Memory(RANGE, broken, task("b", "completed", node="node1", info=succeeded()), pod(broken))
    cluster.objects |= {key(each): each for each in (pod(RANGE, index=4), pod(RANGE, index=8))}
    cluster.logs = {"demo.a-0-None": b"one\ntwo\n", "frames-0-4": b"four\n", "frames-0-8": b"eight\n"}
    answer = typed("task logs demo --failed --tail 1", cluster)
    assert answer.out == (
        "==> task 4 <==\nfour\n==> task 7 <==\n==> task 8 <==\neight\n==> task 9 <==\n==> task a <==\ntwo\n"
    )
    assert "error: task 7 has no output" in answer.err
    assert answer.code == Exit.NOT_FOUND


def test_output_of_all_that_failed_can_be_one_of_their_files() -> None:
    cluster = Memory(task("a", "completed", node="node1", info=failed(3)), agent("node1"))
    cluster.files = {OUT: b"hello\n", ERR: b"careful\n"}
    answer = typed("task logs demo --failed --stderr", cluster)
    assert (answer.both, answer.code) == ("==> task a <==\ncareful\n", Exit.OK)
    assert typed("task logs demo --failed", cluster).out == "==> task a <==\nhello\ncareful\n"


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("task logs demo --failed", Exit.OK, "no task of job demo failed\n"),
        ("task logs nope --failed", Exit.NOT_FOUND, '"nope" not found'),
        ("task logs demo", Exit.USAGE, "name one task, or give --failed"),
        ("task logs demo a --failed", Exit.USAGE, "name one task, or give --failed"),
        ("task logs demo --failed --follow", Exit.USAGE, "what has failed is over"),
    ],
)
def test_output_of_what_failed_needs_a_job_with_failures_and_no_task(line: str, code: Exit, says: str) -> None:
    answer = typed(line, Memory(job(), task("a", "completed", node="node1", info=succeeded())))
    assert says in answer.err
    assert answer.code == code


def test_failed_ones_of_a_range_run_again_while_others_still_run() -> None:
    for named, ids in (("04", "4"), ("1-10", None)):
        cluster = Memory(RANGE)
        assert typed(f"task reactivate demo {named}", cluster).code == Exit.OK
        assert cluster.writes[0][3]["spec"] == {"reactivations": 1, "reactivatedIds": ids}
    assert "task 5 has not failed" in typed("task reactivate demo 5", Memory(RANGE)).err
    assert typed("task reactivate demo 4", Memory(range_task("frames", 1, 9))).code == Exit.ERROR


def test_describe_shows_a_task_in_full_with_the_events_about_its_pods() -> None:
    found = task("a", "completed", node="node1", info=failed(3, message="it failed"), spec={"containerSettings": {"imageName": "busybox"}})  # fmt: skip
    run = pod(found)
    events = (event(run, "Pulled", "image\nis there"), event(pod(task("b")), "Pulled", "of another"))
    assert said("task describe demo a", job(), found, run, *events) == (
        "Task:         a\n"
        "Name:         demo.a\n"
        "Namespace:    default\n"
        "Job:          demo\n"
        "State:        completed\n"
        "Why:          FailureExitCode: exit code 3: it failed\n"
        "Node:         node1\n"
        "Directory:    /mnt/batch/tasks/workitems/demo/job-1/a\n"
        "Image:        busybox\n"
        "Command:      true\n"
        "Slots:        1\n"
        "Started:      2026-03-01T11:59:00Z\n"
        "Finished:     2026-03-01T11:59:05Z\n"
        "Duration:     5s\n"
        "Exit code:    3\n"
        "Retries:      0\n"
        "Requeues:     0\n"
        "Recoveries:   0\n"
        "\n"
        "Events:\n"
        "  AGE   TYPE     REASON   ABOUT               MESSAGE\n"
        "  60s   Normal   Pulled   Pod/demo.a-0-None   image is there\n"
    )
    assert said("task describe demo a -o name", found) == "batchtask.batchyard.io/demo.a\n"


def test_following_one_of_a_range_waits_for_that_one_and_says_so() -> None:
    waiting = pod(RANGE, index=6)
    cluster = Memory(RANGE, pod(RANGE, index=2), {**waiting, "status": {"phase": "Pending"}})
    cluster.later = [[], [("ADDED", {**waiting, "status": {"phase": "Pending"}}), ("MODIFIED", waiting)]]
    cluster.logs["frames-0-6"] = b"point 6\n"
    answer = typed("task logs demo 6 --follow", cluster)
    assert answer.out == "point 6\n"
    assert answer.err == "task 6 has not begun; waiting (why: batchyard task why demo 6)\n"
    assert cluster.later == []


def test_following_one_of_a_range_that_has_ended_or_runs_begins_at_once() -> None:
    cluster = Memory(RANGE, pod(RANGE, index=6), pod(RANGE, index=7))
    cluster.logs |= {"frames-0-6": b"runs\n", "frames-0-7": b"failed\n"}
    assert [typed(f"task logs demo {number} -f", cluster).both for number in (6, 7)] == ["runs\n", "failed\n"]


def test_following_one_of_a_range_that_is_ended_before_it_began_ends_too() -> None:
    class Ended(Memory):
        @override
        def changes(self, *_: object, **__: object) -> Iterator[tuple[str, dict[str, object]]]:
            self.objects["BatchTask", "default", "frames"] = range_task("frames", 1, 10, "completed", failed=[])
            return iter(())

    answer = typed("task logs demo 6 -f", Ended(job(), RANGE))
    assert "task 6 has no output: it has not started" in answer.err
    assert answer.code == Exit.NOT_FOUND
