"""The metrics as a page for people; `python -m batchyard.metrics.page` writes docs/metrics.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import batchyard.metrics  # noqa: F401 - declares them all
from batchyard.metrics.registry import DECLARED, Declared

FILE = Path(__file__).parents[3] / "docs" / "metrics.md"
HEADER = """<!-- Written by `make crds` from operator/batchyard/metrics; change the declarations, not this file. -->

# Metrics

Served on port 8080 (`metrics.enabled`), without a password; `networkPolicy.metricsFrom` says who may read them. A histogram has the series `_bucket`, `_count`
and `_sum`. What counters count and when they begin anew, alerts and the dashboard: [alerts](alerts.md).

No label names a job, a task or a node, so ten thousand jobs make no more series than one; a pool makes some 160. `metrics.maxPools` of them (500) have their own name,
first come, first served. The others are together `_other` in their namespace, with those that jobs name and nobody has made; in more namespaces than `metrics.maxPools`, `_other` in
namespace `_other`. A pool gets its own name when another goes; its counters then begin at zero.
"""


def text() -> str:
    return "\n".join([HEADER, *_lines()])


def _lines() -> Iterator[str]:
    yield "| metric | type | labels | meaning |\n|---|---|---|---|"
    for each in sorted(DECLARED.values(), key=lambda one: one.name):
        yield _line(each)
    yield ""


def _line(each: Declared) -> str:
    labels = ", ".join(f"`{name}`" for name in each.labels)
    return f"| `{each.name}` | {each.type} | {labels} | {each.meaning} |"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
