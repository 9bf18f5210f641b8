"""The committed CRDs are the models, described, bounded and small."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from batchyard.api.crd import DIRECTORY, KINDS, text, write
from batchyard.api.meta import Resource
from batchyard.api.schema import structural

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def fields(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema below this one, with its path."""
    for name, member in node.get("properties", {}).items():
        yield f"{path}.{name}", member
        yield from fields(member, f"{path}.{name}")
    for part in ("items", "additionalProperties"):
        if part in node:
            yield f"{path}[]", node[part]
            yield from fields(node[part], f"{path}[]")


def our_fields(kind: type[Resource]) -> list[tuple[str, dict[str, Any]]]:
    return [(path, node) for path, node in fields(structural(kind)) if path.startswith((".spec", ".status"))]


@each_kind
def test_the_committed_file_is_what_the_models_say(kind: type[Resource]) -> None:
    assert (DIRECTORY / f"{kind.plural}.yaml").read_text() == text(kind), "run `make crds`"


def test_no_file_is_left_over_from_a_kind_that_is_gone(tmp_path: Path) -> None:
    write(tmp_path)
    assert {each.name for each in DIRECTORY.iterdir()} == {each.name for each in tmp_path.iterdir()}


@each_kind
def test_a_definition_is_under_150_kb(kind: type[Resource]) -> None:
    assert len(text(kind).encode()) < 150_000


@each_kind
def test_every_field_is_described(kind: type[Resource]) -> None:
    silent = [path for path, node in our_fields(kind) if not path.endswith("[]") and not node.get("description")]
    assert silent == []


@each_kind
def test_every_text_list_and_map_is_bounded(kind: type[Resource]) -> None:
    bounds = {"string": {"maxLength", "enum", "format"}, "array": {"maxItems"}}
    unbounded = [
        path
        for path, node in our_fields(kind)
        if not node.keys() & bounds.get(node.get("type", ""), node.keys())
        or ("additionalProperties" in node and "maxProperties" not in node)
    ]
    assert unbounded == []


@each_kind
def test_unknown_fields_are_not_let_through(kind: type[Resource]) -> None:
    assert "preserve-unknown-fields" not in text(kind)
    assert [path for path, node in our_fields(kind) if node.get("type") == "object" and not _has_members(node)] == []


def _has_members(node: dict[str, Any]) -> bool:
    return bool(node.get("properties") or node.get("additionalProperties"))


@each_kind
def test_a_new_object_counts_as_unfinished(kind: type[Resource]) -> None:
    assert structural(kind)["properties"]["status"]["default"] == {"observedGeneration": -1}


@each_kind
def test_conditions_are_told_apart_by_type(kind: type[Resource]) -> None:
    conditions = structural(kind)["properties"]["status"]["properties"]["conditions"]
    assert (conditions["x-kubernetes-list-type"], conditions["x-kubernetes-list-map-keys"]) == ("map", ["type"])
