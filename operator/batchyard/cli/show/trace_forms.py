"""A trace as OTLP/JSON (what collectors of OpenTelemetry take) and as Chrome's trace events (what ui.perfetto.dev opens). Text only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from batchyard import __version__
from batchyard.cli.show.times import Moment
from batchyard.cli.show.trace import Span, Trace

_INTERNAL, _ERROR = 1, 2
"""Enums are numbers in OTLP/JSON, never names."""


def otlp(trace: Trace) -> str:
    """An ExportTraceServiceRequest on one line, so that a file of such lines is one of the collector's otlpjsonfile receiver."""
    resource = {"service.name": "batchyard", "k8s.namespace.name": trace.namespace}
    scope = {"name": "batchyard", "version": __version__}
    spans = {"scope": scope, "spans": [_otlp_span(trace.id, span) for span in trace.spans]}
    whole = {"resourceSpans": [{"resource": {"attributes": _attributes(resource)}, "scopeSpans": [spans]}]}
    return json.dumps(whole, separators=(",", ":"))


def _otlp_span(trace_id: str, span: Span) -> dict[str, Any]:
    """Ids are in hexadecimal, and whole numbers of 64 bits are text."""
    return {
        "traceId": trace_id,
        "spanId": span.id,
        **({"parentSpanId": span.parent} if span.parent else {}),
        "name": span.name,
        "kind": _INTERNAL,
        "startTimeUnixNano": f"{_microseconds(span.start)}000",
        "endTimeUnixNano": f"{_microseconds(span.end)}000",
        "attributes": _attributes(span.attributes),
        **({} if span.error is None else {"status": {"code": _ERROR, "message": span.error}}),
    }


def _attributes(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in found.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": str(value)}


def chrome(trace: Trace) -> str:
    """One event a line: a process for the job and for each node, in it as many threads as spans that overlap there."""
    events = [*_events(trace)]
    lines = ",\n".join(json.dumps(event) for event in events)
    head = json.dumps({"trace": trace.id, "namespace": trace.namespace})
    return f'{{"displayTimeUnit": "ms", "otherData": {head}, "traceEvents": [\n{lines}\n]}}'


def _events(trace: Trace) -> Iterator[dict[str, Any]]:
    nodes = sorted({span.node for span in trace.spans if span.node})
    rows = {"": trace.spans[0].name} | {node: f"node {node}" for node in nodes}
    for number, (node, title) in enumerate(rows.items(), start=1):
        yield {"ph": "M", "name": "process_name", "pid": number, "args": {"name": title}}
        yield {"ph": "M", "name": "process_sort_index", "pid": number, "args": {"sort_index": number}}
        for lane, span in _lanes([span for span in trace.spans if span.node == node]):
            yield {"ph": "X", "name": span.name, "cat": span.name.partition(" ")[0], "pid": number, "tid": lane} | {
                "ts": _microseconds(span.start),
                "dur": _microseconds(span.end) - _microseconds(span.start),
                "args": span.attributes | ({} if span.error is None else {"error": span.error}),
            }


def _lanes(spans: Sequence[Span]) -> Iterator[tuple[int, Span]]:
    """Each in the first lane that is free: in one thread spans may only lie one within the other."""
    free: list[Moment] = []
    for span in sorted(spans, key=lambda each: (each.start, each.start - each.end)):
        lane = next((number for number, until in enumerate(free) if until <= span.start), len(free))
        free[lane : lane + 1] = [span.end]
        yield lane + 1, span


def _microseconds(time: Moment) -> int:
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
