"""The structural schemas of crds/ as functions made once: what is dropped from an object, what is filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Schema = Mapping[str, Any]
Shape = Callable[[Any], Any]
"""Drops unknown fields and fills in defaults; returns the same value if there is nothing to do."""


def shape(schema: Schema) -> Shape:
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        return _as_it_is
    if properties := schema.get("properties"):
        return _shape_of_object(properties)
    inner: Schema | None = schema.get("additionalProperties")
    if isinstance(inner, dict):
        return _shape_of_map(shape(inner))
    if items := schema.get("items"):
        return _shape_of_list(shape(items))
    return _dropping_all if schema.get("type") == "object" else _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _dropping_all(value: Any) -> Any:
    return {} if isinstance(value, dict) and value else value


def _shape_of_object(properties: Mapping[str, Schema]) -> Shape:
    shapes = {name: shape(inner) for name, inner in properties.items()}
    defaults = [(name, inner["default"]) for name, inner in properties.items() if "default" in inner]

    def apply(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        # A null is as good as nothing: none of our fields may be null.
        result = {name: shapes[name](inner) for name, inner in value.items() if name in shapes and inner is not None}
        for name, default in defaults:
            if name not in result:
                result[name] = shapes[name](default)
        return value if _same(result, value) else result

    return apply


def _shape_of_map(inner: Shape) -> Shape:
    def apply(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        result = {name: inner(each) for name, each in value.items() if each is not None}
        return value if _same(result, value) else result

    return apply


def _shape_of_list(inner: Shape) -> Shape:
    def apply(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        result = [inner(each) for each in value]
        return value if all(a is b for a, b in zip(result, value, strict=True)) else result

    return apply


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return len(one) == len(other) and all(other.get(key) is value for key, value in one.items())
