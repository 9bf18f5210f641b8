"""Sending a trace: what goes to the collector, and how its refusals are told."""

from __future__ import annotations

import json

import pytest

from batchyard.cli.access.collector import headers, post
from batchyard.cli.outcome import Exit, Problem
from tests.cli.http_server import Server
from tests.cli.memory import Memory
from tests.cli.objects import job
from tests.cli.typing_in import typed

COMMON, OF_TRACES = "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"


@pytest.mark.parametrize("end", ["", "/", "/otel", "/otel/"])
def test_trace_goes_to_its_path_below_the_endpoint(server: Server, end: str) -> None:
    server.answers = [(200, b"{}")]
    assert post(server.address + end, '{"a":1}', {COMMON: "x-key=s3cret"}).endswith("/v1/traces")
    assert server.calls == [("POST", f"{end.rstrip('/')}/v1/traces", {}, {"a": 1})]
    sent = {name.lower(): value for name, value in server.headers[0].items()}
    assert (sent["content-type"], sent["x-key"]) == ("application/json", "s3cret")


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, {}),
        ({COMMON: ""}, {}),
        ({COMMON: "a=1, b = two%20words ,"}, {"a": "1", "b": "two words"}),
        ({COMMON: "authorization=Basic Zm9v=="}, {"authorization": "Basic Zm9v=="}),
        ({COMMON: "a=1", OF_TRACES: "b=2"}, {"b": "2"}),
    ],
)
def test_headers_come_from_opentelemetrys_variables(environment: dict[str, str], wanted: dict[str, str]) -> None:
    assert headers(environment) == wanted


@pytest.mark.parametrize("text", ["s3cret", "=s3cret", "a=1,s3cret"])
def test_headers_of_another_form_are_refused_without_repeating_them(text: str) -> None:
    with pytest.raises(Problem) as caught:
        headers({COMMON: text})
    assert COMMON in caught.value.message
    assert "s3cret" not in caught.value.message


def test_header_that_cannot_be_sent_is_not_repeated(server: Server) -> None:
    with pytest.raises(Problem) as caught:
        post(server.address, "{}", {COMMON: "a=s3cret%0A"})
    assert COMMON in caught.value.message
    assert "s3cret" not in caught.value.message


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((401, b"who are you?"), "answered HTTP 401: who are you?"),
        ((503, b""), "answered HTTP 503: Service Unavailable"),
        ((307, b""), "answered HTTP 307"),
        (
            (200, json.dumps({"partialSuccess": {"rejectedSpans": "2", "errorMessage": "too old"}}).encode()),
            "refused 2 spans: too old",
        ),
        ((200, json.dumps({"partialSuccess": {"rejectedSpans": 1}}).encode()), "refused 1 spans: it does not say why"),
    ],
)
def test_refusal_is_told_and_nothing_goes_anywhere_else(server: Server, answer: tuple[int, bytes], says: str) -> None:
    server.answers = [answer]
    with pytest.raises(Problem) as caught:
        post(server.address, "{}", {COMMON: "x-key=s3cret"})
    assert says in caught.value.message
    assert caught.value.exit_code is Exit.ERROR
    assert len(server.calls) == 1


@pytest.mark.parametrize("content", [b"", b"{}", b"fine", b"[]", b'{"partialSuccess":{"errorMessage":"a warning"}}'])
def test_any_other_answer_is_success(server: Server, content: bytes) -> None:
    server.answers = [(200, content)]
    assert post(server.address, "{}", {}) == f"{server.address}/v1/traces"


@pytest.mark.parametrize(
    "address", ["localhost:4318", "file:///etc/passwd", "grpc://localhost:4317", "http://", "http://here:99999", ""]
)
def test_address_of_another_kind_is_refused(address: str) -> None:
    with pytest.raises(Problem, match="no address of a collector"):
        post(address, "{}", {})


def test_silence_is_told() -> None:
    with pytest.raises(Problem, match="no answer from http://127"):
        post("http://127.0.0.1:1", "{}", {})


def test_command_sends_the_trace_and_says_where(server: Server) -> None:
    server.answers = [(200, b"{}")]
    said = typed(f"job trace demo --endpoint {server.address}", Memory(job()))
    assert said.code == Exit.OK
    assert said.out.endswith(f": 2 spans sent to {server.address}/v1/traces\n")
    assert server.calls[0][3]["resourceSpans"]


def test_only_opentelemetrys_form_is_sent() -> None:
    said = typed("job trace demo --format chrome --endpoint http://localhost:4318", Memory(job()))
    assert said.code == Exit.USAGE
    assert "--format otlp only" in said.err
