"""The metrics as a page for people; `python -m batchyard.metrics.page` writes docs/metrics.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import batchyard.metrics  # noqa: F401 - declares them all
from batchyard.metrics.registry import DECLARED, Declared

FILE = Path(__file__).parents[3] / "docs" / "metrics.md"
HEADER = """<!-- Written by `make crds` from operator/batchyard/metrics; change the declarations, not this file. -->

# Metrics

Served on port 8080 (`metrics.enabled`), without a password; `networkPolicy.metricsFrom` says who may read them. No label names a job, a task or a node, and
pools that jobs name and nobody has made are together `_other` in their namespace, so ten
thousand jobs make no more series than one. A histogram has the series `_bucket`, `_count` and `_sum`. What counters count and when they begin anew, alerts and the
dashboard: [alerts](alerts.md).
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
