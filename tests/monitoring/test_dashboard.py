"""The dashboard against Grafana's own model of dashboards: what Grafana does not know it would drop without a word."""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from prometheus_client import REGISTRY

from batchyard import metrics
from batchyard.core.numbers import Numbers
from tests.monitoring.dashboard import choice, content

GRAFANA_COLUMNS = 24


def understood(dashboard: dict[str, Any]) -> Any:
    """What is left of it once Grafana's model has read it."""
    plugins.register_default_plugins()
    return json.loads(JSONEncoder().encode(Dashboard.from_json(json.loads(json.dumps(dashboard)))))


def lost(written: Any, read: Any, path: str = "") -> Iterator[str]:
    """Paths of what was written and not read."""
    if isinstance(written, dict):
        for key, value in written.items():
            yield from lost(value, (read or {}).get(key), f"{path}/{key}")
    elif isinstance(written, list):
        for number, value in enumerate(written):
            yield from lost(value, read[number] if read and number < len(read) else None, f"{path}/{number}")
    elif written != read:
        yield path


def test_grafana_knows_every_field_of_the_dashboard() -> None:
    assert [*lost(content(), understood(content()))] == []


def test_a_field_that_grafana_does_not_know_is_found() -> None:
    dashboard = content()
    dashboard["panels"][0]["optons"] = {"reduce": 1}
    dashboard["panels"][7]["fieldConfig"]["defaults"]["custom"]["fillOpacty"] = 3
    assert [*lost(dashboard, understood(dashboard))] == [
        "/panels/0/optons/reduce",
        "/panels/7/fieldConfig/defaults/custom/fillOpacty",
    ]


def test_panels_lie_beside_each_other_and_each_has_its_own_id() -> None:
    panels = content()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [panel["gridPos"] for panel in panels]
    assert all(place["x"] + place["w"] <= GRAFANA_COLUMNS for place in places)
    for one, other in combinations(places, 2):
        apart_x = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        assert apart_x or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]


def test_legends_and_variables_name_what_there_is() -> None:
    dashboard = content()
    variables = {each["name"] for each in dashboard["templating"]["list"]}
    targets = [target for panel in dashboard["panels"] for target in panel["targets"]]
    assert {name for target in targets for name in re.findall(r"\$(\w+)", target["expr"])} <= variables
    for target in targets:
        grouped = {word for by in re.findall(r"by \(([^)]*)\)", target["expr"]) for word in by.split(", ")}
        assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) == grouped - {"le"}, target


def test_what_needs_a_look_can_be_chosen() -> None:
    """A pool without nodes, and those that jobs name and nobody has made."""
    metrics.tell_pool("desert", "empty", Numbers(exists=True))
    metrics.tell_pool("desert", "invented", Numbers(jobs={"active": 1}))
    series, label = choice("pool", namespace="desert")
    name = series.partition("{")[0]
    samples = [sample for metric in REGISTRY.collect() for sample in metric.samples if sample.name == name]
    assert {each.labels[label] for each in samples if each.labels["namespace"] == "desert"} == {"empty", "_other"}
    assert choice("namespace")[0] == name
