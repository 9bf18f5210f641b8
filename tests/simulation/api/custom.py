"""Our own kinds as the API server knows them: from crds/. Rules in CEL are left out: no library makes them cheap."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from typing_extensions import override

from batchyard.kube.kinds import Kind
from tests.simulation.api.call import Body
from tests.simulation.api.refusal import Cause
from tests.simulation.api.resource import Resource

DIRECTORY = Path(__file__).parents[3] / "crds"


class CustomResource(Resource):
    is_custom = True
    has_status = True
    counts_generations = True
    may_be_overwritten = False

    def __init__(self, kind: Kind, schema: dict[str, Any], selectable: tuple[str, ...]) -> None:
        super().__init__(kind)
        self.selectable = selectable
        self._schema = schema

    @override
    def born(self, item: Body) -> Body:
        return {key: value for key, value in item.items() if key != "status"}

    @override
    def changed(self, new: Body, old: Body) -> Body:
        kept = {key: value for key, value in new.items() if key != "status"}
        return {**kept, "status": old["status"]} if "status" in old else kept

    @override
    def status_changed(self, new: Body, old: Body) -> Body:
        kept = {key: value for key, value in old.items() if key != "status"}
        return {**kept, "status": new["status"]} if "status" in new else kept

    @override
    def differs(self, new: Body, old: Body) -> bool:
        return _content(new) != _content(old)

    @override
    def causes(self, new: Body, old: Body | None) -> list[Cause]:
        return []


def _content(item: Body) -> Body:
    return {key: value for key, value in item.items() if key not in ("metadata", "status")}


@cache
def custom_resources() -> tuple[CustomResource, ...]:
    """All kinds of crds/, read once per process."""
    return tuple(_read(file) for file in sorted(DIRECTORY.glob("*.yaml")))


def _read(file: Path) -> CustomResource:
    spec = yaml.load(file.read_text(), yaml.CSafeLoader)["spec"]
    (version,) = spec["versions"]
    names = spec["names"]
    kind = Kind(spec["group"], version["name"], names["plural"], names["kind"], spec["scope"] == "Namespaced")
    selectable = tuple(each["jsonPath"].removeprefix(".") for each in version.get("selectableFields", ()))
    return CustomResource(kind, version["schema"]["openAPIV3Schema"], selectable)
