"""Our own kinds as the API server knows them: from crds/. Rules in CEL are left out: no library makes them cheap."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from typing_extensions import override

from batchyard.kube.kinds import Kind
from tests.simulation.api.call import Body
from tests.simulation.api.checks import check
from tests.simulation.api.refusal import Cause
from tests.simulation.api.resource import Resource
from tests.simulation.api.shapes import shape

HEAD = ("apiVersion", "kind", "metadata")
DIRECTORY = Path(__file__).parents[3] / "crds"


class CustomResource(Resource):
    is_custom = True
    knows_finalizers = False
    has_status = True
    counts_generations = True
    may_be_overwritten = False

    def __init__(self, kind: Kind, version: Body) -> None:
        super().__init__(kind)
        schema = version["schema"]["openAPIV3Schema"]
        self.selectable = tuple(each["jsonPath"].removeprefix(".") for each in version.get("selectableFields", ()))
        scale = version["subresources"].get("scale") or {}
        self._replicas = [scale[key] for key in ("specReplicasPath", "statusReplicasPath") if key in scale]
        self.schema = schema
        parts = {name: inner for name, inner in schema["properties"].items() if name not in HEAD}
        self._shapes = {name: shape(inner) for name, inner in parts.items()}
        self._checks = {name: check(inner) for name, inner in parts.items()}
        self._defaults = {name: inner["default"] for name, inner in parts.items() if "default" in inner}
        self.has_late_defaults = "status" in self._defaults
        self._required = schema.get("required", ())

    @override
    def born(self, item: Body) -> Body:
        return self._shaped(_without_status(item), {})

    @override
    def changed(self, new: Body, old: Body) -> Body:
        kept = {"status": old["status"]} if "status" in old else {}
        return self._shaped({**_without_status(new), **kept}, old)

    @override
    def status_changed(self, new: Body, old: Body) -> Body:
        told = {"status": new["status"]} if "status" in new else {}
        return {**self._shaped({**_without_status(old), **told}, old), "metadata": _unchanged(new, old)}

    @override
    def differs(self, new: Body, old: Body) -> bool:
        return _content(new) != _content(old)

    @override
    def causes(self, new: Body, old: Body | None) -> list[Cause]:
        """What is the very same as in the stored object was judged when it came; what was wrong in it may stay so (ratcheting)."""
        found = [Cause("FieldValueRequired", "Required value", name) for name in self._required if name not in new]
        for name, inner in self._checks.items():
            if name in new and (old is None or new[name] is not old.get(name)):
                known: list[Cause] = []
                inner(new[name], name, found)
                if found and old is not None and name in old:
                    inner(old[name], name, known)
                found = [cause for cause in found if cause not in known]
        return found + [cause for path in self._replicas for cause in _miscounted(new, path)]

    def _shaped(self, item: Body, old: Body) -> Body:
        result = {}
        for name, value in item.items():
            if name in HEAD or (name in old and old[name] is value):
                result[name] = value
            elif name in self._shapes and value is not None:
                result[name] = self._shapes[name](value)
        for name, default in self._defaults.items():
            if name not in result:
                result[name] = self._shapes[name](default)
        return result


def _without_status(item: Body) -> Body:
    return {key: value for key, value in item.items() if key != "status"}


def _unchanged(new: Body, old: Body) -> Body:
    """Through the status door metadata can only be a precondition."""
    return {**old["metadata"], "resourceVersion": new["metadata"]["resourceVersion"]}


def _content(item: Body) -> Body:
    return {key: value for key, value in item.items() if key not in ("metadata", "status")}


def _miscounted(item: Body, path: str) -> Iterator[Cause]:
    """What can be scaled is checked once more, under another name of the field."""
    found: Any = item
    *steps, last = path.removeprefix(".").split(".")
    for step in steps:
        found = found.get(step, {}) if isinstance(found, dict) else None
    count = found.get(last, 0) if isinstance(found, dict) else None
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count < 1 << 31:
        yield Cause("FieldValueInvalid", f"Invalid value: {count}: should be a non-negative integer", path)


@cache
def custom_resources() -> tuple[CustomResource, ...]:
    """All kinds of crds/, read once per process."""
    return tuple(_read(file) for file in sorted(DIRECTORY.glob("*.yaml")))


def _read(file: Path) -> CustomResource:
    spec = yaml.load(file.read_text(), yaml.CSafeLoader)["spec"]
    (version,) = spec["versions"]
    names = spec["names"]
    kind = Kind(spec["group"], version["name"], names["plural"], names["kind"], spec["scope"] == "Namespaced")
    return CustomResource(kind, version)
