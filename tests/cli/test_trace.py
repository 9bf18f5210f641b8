"""`batchyard job trace`: which spans a job has, and what they tell. Rules that hold for any job are at the end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from batchyard.api import trace_context
from batchyard.cli.show.trace import MOST, Span, Trace, chosen, trace
from tests.cli.objects import NOW, condition, failed, job, range_task, record, succeeded, task

Object = dict[str, Any]
BORN = NOW - timedelta(seconds=60)


def at(seconds: int) -> str:
    """So long after the job's creation."""
    return f"{BORN + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


def step(start: int | None, end: int | None = None, **info: Any) -> Object:
    times = {} if start is None else {"startTime": at(start)}
    ended = {"state": "running"} if end is None else {"state": "completed", "endTime": at(end), "result": "success"}
    return {**times, **ended, **info}


def seen(found: Trace) -> dict[str, tuple[int, int]]:
    """Start and end of each span, in seconds after the job's creation."""
    return {span.name: (_seconds(span.start), _seconds(span.end)) for span in found.spans}


def _seconds(moment: datetime) -> int:
    return int((moment - BORN).total_seconds())


def named(found: Trace, name: str) -> Span:
    (span,) = [span for span in found.spans if span.name == name]
    return span


def test_job_is_a_span_above_its_waiting_preparation_tasks_and_release() -> None:
    over = job(state="completed", info={"endTime": at(50), "terminateReason": "AllTasksComplete"})
    records = [
        record("node1", jobPreparationTaskExecutionInfo=step(5, 8), jobReleaseTaskExecutionInfo=step(40, 45)),
        record("node2", jobPreparationTaskExecutionInfo=step(6, 12)),
    ]
    ran = task("a", "completed", node="node1", info=succeeded(startTime=at(9), endTime=at(30)))
    found = trace(over, records, [ran], NOW)
    assert seen(found) == {
        "job demo": (0, 50),
        "waiting": (0, 5),
        "preparation": (5, 12),
        "preparation node1": (5, 8),
        "preparation node2": (6, 12),
        "task a": (9, 30),
        "release node1": (40, 45),
    }
    names = {span.id: span.name for span in found.spans}
    assert {span.name: names.get(span.parent, "") for span in found.spans} == {
        "job demo": "",
        **dict.fromkeys(("waiting", "preparation", "task a", "release node1"), "job demo"),
        **dict.fromkeys(("preparation node1", "preparation node2"), "preparation"),
    }


def test_span_of_a_task_tells_its_node_its_outcome_and_how_often_it_was_tried() -> None:
    info = failed(3, startTime=at(1), endTime=at(2), retryCount=2, requeueCount=1)
    ended = task("a", "completed", node="node1", info=info, status={"attempt": 3, "recoveryCount": 0})
    span = named(trace(job(), [], [ended], NOW), "task a")
    pod = str(span.attributes.pop("k8s.pod.name"))
    assert re.fullmatch(r"demo-a-[0-9a-f]{8}-3", pod)
    assert span.error == "FailureExitCode, exit code 3: it failed"
    assert span.attributes == {
        "batchyard.task.id": "a",
        "batchyard.task.attempt": 3,
        "batchyard.task.requeues": 1,
        "batchyard.task.recoveries": 0,
        "batchyard.retries": 2,
        "batchyard.result": "failure",
        "k8s.node.name": "node1",
        "process.exit.code": 3,
        "error.type": "FailureExitCode",
    }


def test_job_that_failed_is_an_error_and_says_why() -> None:
    over = job(
        state="completed", info={"endTime": at(9)}, conditions=(condition("Failed", "True", message="1 failed"),)
    )
    assert trace(over, [], [], NOW).spans[0].error == "1 failed"
    assert trace(job(conditions=(condition("Failed", "False"),)), [], [], NOW).spans[0].error is None


def test_what_has_not_ended_lasts_until_now_and_says_so() -> None:
    found = trace(job(), [record("n1", jobPreparationTaskExecutionInfo=step(2))], [task("a", "running", info={"startTime": at(9)})], NOW)  # fmt: skip
    assert seen(found) == {
        "job demo": (0, 60),
        "waiting": (0, 2),
        "preparation": (2, 60),
        "preparation n1": (2, 60),
        "task a": (9, 60),
    }
    lasting = {span.name for span in found.spans if span.attributes.get("batchyard.unfinished")}
    assert lasting == {"job demo", "preparation", "preparation n1", "task a"}


def test_step_that_runs_again_has_nothing_of_the_end_before() -> None:
    """A status is merged: what the last run ended with stays until this one ends."""
    again = step(20, endTime=at(9), exitCode=1, result="failure", failureInfo={"code": "FailureExitCode"})
    span = named(trace(job(), [record("n1", jobPreparationTaskExecutionInfo=again)], [], NOW), "preparation n1")
    assert (_seconds(span.start), _seconds(span.end), span.error) == (20, 60, None)
    assert not {"process.exit.code", "batchyard.result", "error.type"} & set(span.attributes)


def test_task_that_waits_has_no_span_and_its_job_waits_as_long() -> None:
    assert seen(trace(job(), [], [task("a")], NOW)) == {"job demo": (0, 60), "waiting": (0, 60)}
    over = job(state="completed", info={"endTime": at(7)})
    found = trace(over, [], [], NOW)
    assert seen(found) == {"job demo": (0, 7), "waiting": (0, 7)}
    assert "batchyard.unfinished" not in named(found, "waiting").attributes


def test_task_that_ended_before_it_began_is_a_moment() -> None:
    ended = failed(1, "TaskEnded", endTime=at(7))
    del ended["startTime"], ended["exitCode"]
    span = named(trace(job(), [], [task("a", "completed", info=ended)], NOW), "task a")
    assert (_seconds(span.start), _seconds(span.end)) == (7, 7)
    assert span.error == "TaskEnded, it failed"
    assert "k8s.pod.name" not in span.attributes


def test_clock_of_a_node_that_goes_back_makes_no_negative_span() -> None:
    ended = task("a", "completed", info=succeeded(startTime=at(9), endTime=at(4)))
    assert seen(trace(job(), [], [ended], NOW))["task a"] == (9, 9)


def test_range_is_one_span_with_counts() -> None:
    """Nobody keeps the times of its tasks."""
    counts = {"active": 1, "succeeded": 7, "failed": 2}
    some = range_task("demo.many", 1, 10, counts=counts, failed=[{"failureCode": "FailureExitCode", "exitCode": 1, "ids": "4,7"}])  # fmt: skip
    some["status"]["executionInfo"] = {"startTime": at(3)}
    span = named(trace(job(), [], [some], NOW), "task 1-10")
    assert (_seconds(span.start), _seconds(span.end)) == (3, 60)
    assert {key: span.attributes[f"batchyard.range.{key}"] for key in counts} == counts
    assert span.error == "2 FailureExitCode, exit code 1 (4,7)"


def test_what_is_of_an_earlier_job_of_the_name_is_left_out() -> None:
    owner = [{"kind": "BatchJob", "name": "demo", "uid": "another"}]
    old = task("a", "completed", info=succeeded(), meta={"ownerReferences": owner})
    mine = record("n1", jobPreparationTaskExecutionInfo=step(1, 2))
    mine["spec"]["jobUID"] = "another"
    assert [span.name for span in trace(job(), [mine], [old], NOW).spans] == ["job demo", "waiting"]


def test_job_with_a_trace_of_its_users_stands_below_that() -> None:
    given_, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    annotations = {trace_context.ANNOTATION: f"00-{given_}-{parent}-01"}
    found = trace(job(meta={"annotations": annotations}), [], [], NOW)
    assert (found.id, found.spans[0].parent) == (given_, parent)


def test_every_span_that_a_command_is_told_is_in_the_trace() -> None:
    """What the operator hands out (tests/core/test_environment.py) and what is told here are one rule."""
    mine = record("n1", jobPreparationTaskExecutionInfo=step(1, 2), jobReleaseTaskExecutionInfo=step(8, 9))
    some = range_task("demo.many", 1, 10)
    some["status"]["executionInfo"] = {"startTime": at(3)}
    ids = {span.id for span in trace(job(), [mine], [task("a", "running", info={"startTime": at(3)}), some], NOW).spans}
    assert ids >= {
        trace_context.span("uid-demo", "preparation"),
        trace_context.span("uid-demo.n1", "release"),
        trace_context.span("uid-demo.a"),
        trace_context.span("uid-demo.many"),
    }


def work(number: int, *, fails: int = 0) -> list[Span]:
    """The n-th lasts n seconds; the first ones fail."""
    return [
        Span(trace_context.span(str(n)), "root", f"task {n}", NOW, NOW + timedelta(seconds=n), {}, "it failed" if n < fails else None)
        for n in range(number)
    ]  # fmt: skip


def numbers(spans: list[Span]) -> list[int]:
    return [int(span.name.split()[1]) for span in spans]


def test_failed_come_first_then_the_slowest_then_a_sample() -> None:
    kept = numbers(chosen(work(100, fails=4), 24))
    assert kept[:4] == [3, 2, 1, 0]
    assert kept[4:14] == [*range(99, 89, -1)]
    assert len(set(kept)) == 24
    assert {*kept[14:]} <= {*range(4, 90)}
    assert {*kept[14:]} != {*range(80, 90)}, "a sample, not the next slowest"


def test_many_that_failed_take_all_the_room() -> None:
    assert numbers(chosen(work(50, fails=40), 10)) == [*range(39, 29, -1)]


def test_trace_says_how_many_tasks_it_leaves_out() -> None:
    many = [task(f"t{n}", "completed", info=succeeded()) for n in range(MOST + 20)]
    found = trace(job(), [], many, NOW)
    assert len(found.spans) == 2 + MOST
    assert found.spans[0].attributes["batchyard.trace.tasks_left_out"] == 20
    assert "batchyard.trace.tasks_left_out" not in trace(job(), [], many[:MOST], NOW).spans[0].attributes


TIMES = st.none() | st.integers(-5, 90).map(at)
RESULTS = st.sampled_from(["success", "failure"])
UIDS = st.uuids(version=4).map(str)


@st.composite
def infos(draw: st.DrawFn) -> Object:
    """Anything that a status could say, also what none should."""
    drawn = {"startTime": draw(TIMES), "endTime": draw(TIMES), "exitCode": draw(st.none() | st.integers(0, 255))}
    drawn |= {"result": draw(st.none() | RESULTS), "retryCount": draw(st.none() | st.integers(0, 9))}
    return {key: value for key, value in drawn.items() if value is not None}


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Object, list[Object], list[Object]]:
    uid = draw(UIDS)
    of = job(info={key: value for key, value in draw(infos()).items() if key.endswith("Time")}, meta={"uid": uid})
    tasks = [
        task(f"t{n}", draw(st.sampled_from(["active", "preparing", "running", "completed"])), info=draw(infos()), meta={"uid": draw(UIDS)})
        for n in range(draw(st.integers(0, 6)))
    ]  # fmt: skip
    records = []
    for n in range(draw(st.integers(0, 3))):
        states = st.sampled_from(["running", "completed"])
        steps: dict[str, Any] = {
            f"job{word}TaskExecutionInfo": {"state": draw(states), **draw(infos())}
            for word in draw(st.sets(st.sampled_from(["Preparation", "Release"])))
        }
        records.append(record(f"node{n}", **steps))
        records[-1]["metadata"]["uid"], records[-1]["spec"]["jobUID"] = draw(UIDS), uid
    return of, records, tasks


@given(worlds())
def test_every_trace_is_sound(world: tuple[Object, list[Object], list[Object]]) -> None:
    found = trace(*world, NOW)
    assert found == trace(*world, NOW)
    ids = [span.id for span in found.spans]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[0-9a-f]{16}", each) for each in ids)
    assert re.fullmatch(r"[0-9a-f]{32}", found.id)
    root, *below = found.spans
    assert root.parent == ""
    assert {span.parent for span in below} <= {*ids}
    assert all(span.start <= span.end for span in found.spans)


@given(worlds(), st.integers(1, 1000))
def test_what_has_ended_is_the_same_whenever_it_is_asked_for(
    world: tuple[Object, list[Object], list[Object]], later: int
) -> None:
    early, late = trace(*world, NOW), trace(*world, NOW + timedelta(seconds=later))
    assert [*_ended(early)] == [*_ended(late)]


def _ended(found: Trace) -> Iterator[Span]:
    return (span for span in found.spans if "batchyard.unfinished" not in span.attributes)
