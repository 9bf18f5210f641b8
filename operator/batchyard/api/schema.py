"""JSON schema as pydantic writes it to the structural schema Kubernetes takes: references and nulls inlined, bounds kept."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from .meta import Resource

Schema = dict[str, Any]

# No meaning in a structural schema, or not allowed there.
_DROPPED = {"$defs", "title", "propertyNames", "const"}
_FIRST = ("description", "type", "format", "default", "enum")
_LAST = ("required", "properties", "items", "additionalProperties")


def structural(kind: type[Resource]) -> Schema:
    """The schema of a whole object. Kubernetes itself knows apiVersion, kind and metadata."""
    whole = kind.model_json_schema(by_alias=True)
    schema = _inlined(whole, whole["$defs"])
    for own in ("apiVersion", "kind"):
        schema["properties"][own] = {"type": "string"}
    schema["properties"]["metadata"] = {"type": "object", "properties": {"name": {"type": "string"}}}
    # A new object is unfinished until the operator has seen it: kstatus, Helm and Argo CD wait for that.
    schema["properties"]["status"]["default"] = {"observedGeneration": -1}
    schema["required"] = ["spec"]
    return schema


def _inlined(node: Schema, definitions: Schema) -> Schema:
    node = _resolved(node, definitions)
    kept = {key: _member(key, value, definitions) for key, value in node.items() if _is_kept(key, value)}
    return _in_order(_with_format(kept))


def _member(key: str, value: Any, definitions: Schema) -> Any:
    if key == "properties":
        return {name: _inlined(each, definitions) for name, each in value.items()}
    if key in {"items", "additionalProperties"}:
        return _inlined(value, definitions)
    return deepcopy(value)  # YAML writes a shared value as an alias, which is hard to read


def _resolved(node: Schema, definitions: Schema) -> Schema:
    """Without `$ref` and without `null`; what stands beside a reference goes before what it refers to."""
    choices = [each for each in node.get("anyOf", ()) if each != {"type": "null"}]
    if len(choices) == 1:
        rest = {key: value for key, value in node.items() if key != "anyOf"}
        return _resolved(choices[0] | rest, definitions)
    if "$ref" in node:
        rest = {key: value for key, value in node.items() if key != "$ref"}
        return _resolved(definitions[node["$ref"].removeprefix("#/$defs/")], definitions) | rest
    return node


def _is_kept(key: str, value: Any) -> bool:
    """Defaults that say nothing (null, empty text, lists and objects) are left to the models."""
    if key == "default":
        return value not in (None, "") and not isinstance(value, list | dict)
    return key not in _DROPPED


def _with_format(node: Schema) -> Schema:
    if node.get("type") != "integer" or "x-kubernetes-int-or-string" in node:
        return node
    return node | {"format": "int32" if "maximum" in node else "int64"}


def _in_order(node: Schema) -> Schema:
    """For people who read the file: what a field means first, what is below it last."""
    middle = [key for key in node if key not in (*_FIRST, *_LAST)]
    return {key: node[key] for key in (*_FIRST, *middle, *_LAST) if key in node}
