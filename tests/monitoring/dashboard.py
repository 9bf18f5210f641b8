"""The chart's dashboard as values: what its panels ask Prometheus."""

import json
import re
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


def choice(name: str, **chosen: str) -> tuple[str, str]:
    """Where Grafana finds what a variable offers: series and their label; `chosen` are values of variables before it."""
    [query] = [each["query"]["query"] for each in content()["templating"]["list"] if each["name"] == name]
    found = re.fullmatch(r"label_values\((.+), (\w+)\)", _filled(query, chosen))
    assert found, query
    return found[1], found[2]


def questions(**chosen: str) -> Iterator[Question]:
    """With the dashboard's variables set, as somebody would who looks at these pools."""
    for panel in content()["panels"]:
        for target in panel["targets"]:
            yield Question(panel["title"], _filled(target["expr"], chosen), target["legendFormat"])


def _filled(expression: str, chosen: dict[str, str]) -> str:
    for name, value in chosen.items():
        expression = expression.replace(f"${name}", value)
    return expression
