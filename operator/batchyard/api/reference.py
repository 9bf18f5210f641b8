"""The kinds as pages for people, one each, as Markdown; `python -m batchyard.api.reference [DIR]` writes docs/reference/*.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .columns import SELECTABLE
from .crd import KINDS
from .meta import Resource
from .model import LARGEST
from .names import API_VERSION

DIRECTORY = Path(__file__).parents[3] / "docs" / "reference"
HEADER = "<!-- Written by `make crds` from operator/batchyard/api; change the models, not this file. -->\n"

Schema = dict[str, Any]


def text(kind: type[Resource]) -> str:
    whole = kind.model_json_schema(by_alias=True)
    return "\n".join([HEADER, *_head(kind, whole), *_parts(whole)])


def _head(kind: type[Resource], whole: Schema) -> Iterator[str]:
    selectable = ", ".join(f"`{path.lstrip('.')}`" for path in SELECTABLE[kind])
    yield f"# {kind.model_fields['kind'].default}\n"
    yield f"{whole['description']} `apiVersion: {API_VERSION}`; namespaced.\n"
    yield f"`kubectl get {kind.plural}`, short `{kind.short_name}`; `--field-selector` takes {selectable}.\n"
    yield from _rules(whole)


def _parts(whole: Schema) -> Iterator[str]:
    """What is asked and what is told, then every object below them, once, in the order in which they are met."""
    definitions: dict[str, Schema] = whole["$defs"]
    parts = {name: whole["properties"][name] for name in ("spec", "status")}
    for name, part in parts.items():
        yield from _part(name, part["description"], definitions[_target(part)], definitions)
    below = dict.fromkeys(name for part in parts.values() for name in _below(_target(part), definitions))
    for name in below:
        yield from _part(name, definitions[name].get("description", ""), definitions[name], definitions)


def _below(name: str, definitions: dict[str, Schema]) -> Iterator[str]:
    for field in definitions[name]["properties"].values():
        inner = _target(field)
        if "properties" in definitions.get(inner, {}):
            yield inner
            yield from _below(inner, definitions)


def _part(name: str, says: str, node: Schema, definitions: dict[str, Schema]) -> Iterator[str]:
    yield f"## {name}\n"
    yield from [f"{_cell(says)}\n"] if says else []
    yield "| field | type | meaning |\n|---|---|---|"
    required = node.get("required", ())
    for field, schema in node["properties"].items():
        needed = ", required" if field in required else ""
        yield f"| `{field}` | {_type(schema, definitions)}{needed} | {_cell(schema['description'])} |"
    yield ""
    yield from _rules(node)


def _rules(node: Schema) -> Iterator[str]:
    """What the API server checks across fields."""
    checked = node.get("x-kubernetes-validations", ())
    if checked:
        yield "The API server checks:\n"
        yield from (
            f"- `{each.get('fieldPath', '').lstrip('.') or 'all'}`: {_cell(each['message'])}" for each in checked
        )
        yield ""


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def _plain(schema: Schema) -> Schema:
    """Without null, which stands for a field that is not set."""
    choices = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    return choices[0] if len(choices) == 1 else schema


def _target(schema: Schema) -> str:
    """Name of the definition that a field, or what is in it, refers to; empty for plain values."""
    node = _plain(schema)
    inner = node.get("items") or node.get("additionalProperties") or node
    return str(inner.get("$ref", "")).removeprefix("#/$defs/")


def _type(schema: Schema, definitions: dict[str, Schema]) -> str:
    node = _plain(schema)
    if "items" in node:
        return f"list of {_type(node['items'], definitions)}{_at_most(node, 'maxItems')}"
    if "additionalProperties" in node:
        return f"map to {_type(node['additionalProperties'], definitions)}{_at_most(node, 'maxProperties')}"
    if "$ref" not in node:
        return _value(node)
    name = _target(node)
    words = definitions[name].get("enum")
    return " or ".join(f"`{word}`" for word in words) if words else f"[{name}](#{name.lower()})"


def _value(node: Schema) -> str:
    says = [each["message"] for each in node.get("x-kubernetes-validations", ())]
    if durations := [each for each in says if each.startswith("must be a duration")]:
        return str(durations[0]).removeprefix("must be a ").partition(":")[0]
    if "enum" in node:
        return " or ".join(f"`{word}`" if word else "empty" for word in node["enum"])
    if node.get("x-kubernetes-int-or-string"):
        return "quantity"
    if node.get("format") == "date-time":
        return "time"
    return f"{node['type']}{_between(node)}{_at_most(node, 'maxLength', ' characters')}"


def _between(node: Schema) -> str:
    least, most = node.get("minimum"), node.get("maximum", LARGEST)
    if least is None:
        return ""
    return f", at least {least}" if most == LARGEST else f", {least} to {most}"


def _at_most(node: Schema, bound: str, what: str = "") -> str:
    return f", at most {node[bound]}{what}" if bound in node else ""


def write(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        (directory / f"{kind.model_fields['kind'].default.lower()}.md").write_text(text(kind), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else DIRECTORY)
