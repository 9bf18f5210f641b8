"""The chart's dashboard as values: what its panels ask Prometheus."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[2] / "charts/batchyard/files/dashboards/batchyard.json"


@dataclass(frozen=True)
class Question:
    """One target of one panel."""

    panel: str
    expression: str
    legend: str


def content() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text())
    return found


def questions(namespace: str, pool: str) -> Iterator[Question]:
    """With the dashboard's variables set as somebody would who looks at one pool."""
    for panel in content()["panels"]:
        for target in panel["targets"]:
            expression = target["expr"].replace("$namespace", namespace).replace("$pool", pool)
            yield Question(panel["title"], expression, target["legendFormat"])
