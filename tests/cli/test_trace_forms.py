"""How a trace is written: as OpenTelemetry's own definitions read it, and as Chrome's viewer does."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from typing import Any

import pytest
from google.protobuf.json_format import Parse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Read
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from batchyard.cli.outcome import Exit
from tests.cli.objects import job, succeeded, task
from tests.cli.recorded import load
from tests.cli.typing_in import said, typed

JOBS = ["demo", "frames", "run-zcsv8", "shots", "wide"]


def recorded(line: str) -> str:
    cluster = load()
    answer = typed(line, cluster, now=lambda: cluster.now)
    assert answer.code == Exit.OK, answer.err
    return answer.out


def parsed(text: str) -> list[Any]:
    """By the definitions of the protocol. Its ids are hexadecimal where protobuf's own JSON has base64: the one thing that is put right first."""
    whole = json.loads(text)
    for span in whole["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        for key in {"traceId", "spanId", "parentSpanId"} & span.keys():
            span[key] = base64.b64encode(bytes.fromhex(span[key])).decode()
    request = Parse(json.dumps(whole), ExportTraceServiceRequest())
    (resource,) = request.resource_spans
    assert {each.key: each.value.string_value for each in resource.resource.attributes} == {
        "service.name": "batchyard",
        "k8s.namespace.name": "default",
    }
    (scope,) = resource.scope_spans
    assert scope.scope.name == "batchyard"
    return [*scope.spans]


@pytest.mark.parametrize("name", JOBS)
def test_opentelemetrys_definitions_read_every_recorded_job(name: str) -> None:
    root, *below = parsed(recorded(f"job trace {name}"))
    assert root.parent_span_id == b""
    assert root.name == f"job {name}"
    ids = {span.span_id for span in (root, *below)}
    assert {len(each) for each in ids} == {8}
    assert {span.parent_span_id for span in below} <= ids
    assert {len(span.trace_id) for span in (root, *below)} == {16}
    for span in (root, *below):
        assert span.kind == Read.SPAN_KIND_INTERNAL
        assert 1_700_000_000 * 10**9 < span.start_time_unix_nano <= span.end_time_unix_nano


def test_failed_task_of_the_recorded_cluster_is_an_error_with_its_attributes() -> None:
    (span,) = [each for each in parsed(recorded("job trace frames")) if each.name == "task frame2"]
    assert span.status.code == Status.STATUS_CODE_ERROR
    assert "exit code 3" in span.status.message
    told = {each.key: each.value for each in span.attributes}
    assert told["process.exit.code"].int_value == 3
    assert told["k8s.node.name"].string_value == "node2"
    (fine,) = [each for each in parsed(recorded("job trace frames")) if each.name == "task frame1"]
    assert fine.status.code == Status.STATUS_CODE_UNSET


def test_trace_is_one_line_and_the_same_at_every_call() -> None:
    text = recorded("job trace frames")
    assert text.count("\n") == 1
    assert text == recorded("job trace frames")


def test_yes_and_no_are_no_numbers() -> None:
    (root, *_) = parsed(said("job trace demo", job()))
    assert {each.key: each.value.WhichOneof("value") for each in root.attributes}[
        "batchyard.unfinished"
    ] == "bool_value"


def events(text: str) -> tuple[dict[int, str], list[dict[str, Any]]]:
    """Titles of the processes, and the bars."""
    found = json.loads(text)["traceEvents"]
    titles = {each["pid"]: each["args"]["name"] for each in found if each["name"] == "process_name"}
    return titles, [each for each in found if each["ph"] == "X"]


def test_chrome_has_a_row_for_the_job_and_one_for_each_node() -> None:
    titles, bars = events(recorded("job trace frames --format chrome"))
    assert titles == {1: "job frames", 2: "node node1", 3: "node node2"}
    assert [(titles[bar["pid"]], bar["name"], bar["dur"]) for bar in bars] == [
        ("job frames", "job frames", 7_000_000),
        ("job frames", "waiting", 2_000_000),
        ("node node1", "task frame1", 0),
        ("node node2", "task frame2", 0),
        ("node node2", "task frame3", 0),
    ]
    assert bars[3]["args"]["process.exit.code"] == 3
    assert "exit code 3" in bars[3]["args"]["error"]


def test_tasks_that_overlap_on_a_node_stand_below_each_other() -> None:
    def ran(name: str, start: int, end: int) -> Any:
        times = {"startTime": f"2026-03-01T11:59:{start}Z", "endTime": f"2026-03-01T11:59:{end}Z"}
        return task(name, "completed", node="n", info=succeeded(**times))

    _, bars = events(
        said("job trace demo --format chrome", job(), ran("a", 10, 30), ran("b", 20, 40), ran("c", 30, 50))
    )
    assert [(bar["name"], bar["tid"]) for bar in bars if bar["cat"] == "task"] == [("task a", 1), ("task b", 2), ("task c", 1)]  # fmt: skip


@pytest.mark.parametrize("name", JOBS)
def test_no_two_bars_of_one_line_overlap(name: str) -> None:
    _, bars = events(recorded(f"job trace {name} --format chrome"))
    for first, second in pairwise(sorted(bars, key=lambda bar: (bar["pid"], bar["tid"], bar["ts"]))):
        if (first["pid"], first["tid"]) == (second["pid"], second["tid"]):
            assert first["ts"] + first["dur"] <= second["ts"]


def test_job_that_is_not_there_is_said_to_be_so() -> None:
    assert typed("job trace nothing", load()).code == Exit.NOT_FOUND
