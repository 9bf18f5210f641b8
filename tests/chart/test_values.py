"""values.yaml, its schema and the templates know the same values."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from tests.chart import readme
from tests.chart.helm import CHART

VALUES = yaml.safe_load((CHART / "values.yaml").read_text())
SCHEMA = json.loads((CHART / "values.schema.json").read_text())
NOT_OURS = {"enabled"}
"""What parent charts set."""
SHARED = "global"
"""With parent charts, which put more into it."""
KUBERNETES = {"resources"}
"""Sections whose inside is Kubernetes' own."""


def paths(values: dict[str, Any], schema: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Every value down to where users put keys of their own."""
    for name, value in values.items():
        inner = schema["properties"].get(name, {})
        if "properties" in inner and name not in KUBERNETES:
            yield from paths(value, inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def in_schema(schema: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, inner in schema["properties"].items():
        if "properties" in inner and name not in KUBERNETES | NOT_OURS:
            yield from in_schema(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def used() -> set[str]:
    text = "\n".join(path.read_text() for path in (CHART / "templates").rglob("*.*"))
    return set(re.findall(r"\.Values\.([A-Za-z.]+)", text))


WRITTEN = set(paths(VALUES, SCHEMA))


def test_every_value_is_in_the_schema_and_the_other_way_round() -> None:
    assert set(in_schema(SCHEMA)) - NOT_OURS == WRITTEN


def test_every_section_of_the_schema_takes_no_unknown_names() -> None:
    def sections(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield schema
        for name, inner in schema.get("properties", {}).items():
            if "properties" in inner and name != SHARED:
                yield from sections(inner)

    assert all(section["additionalProperties"] is False for section in sections(SCHEMA))


def test_templates_use_every_value_and_no_other() -> None:
    for path in used():
        assert any(value == path or value.startswith(f"{path}.") for value in WRITTEN), f"{path} has no default"
    # `with .Values.image` and the like take a whole section.
    unused = {value for value in WRITTEN if not any(value == path or value.startswith(f"{path}.") for path in used())}
    assert unused == set()


def test_every_value_is_explained_by_the_comment_above_it() -> None:
    assert readme.meanings().keys() == WRITTEN


def test_the_charts_readme_has_every_value_as_it_is() -> None:
    assert readme.FILE.read_text() == readme.text(), "run `make chart-readme`"
    assert [path for path in WRITTEN if f"| `{path}` |" not in readme.table()] == []
