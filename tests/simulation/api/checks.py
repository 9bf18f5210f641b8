"""The structural schemas of crds/ as functions made once: what is wrong with an object."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.simulation.api.refusal import Cause
from tests.simulation.api.shapes import Schema

Check = Callable[[Any, str, list[Cause]], None]
"""Value, path, and the list to which complaints are added."""

_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def check(schema: Schema) -> Check:
    """Complains in the order in which the API server does: by schema, not by value."""
    kind = schema.get("type")
    allowed = _JSON_TYPES.get(kind or "", (object,))
    if schema.get("x-kubernetes-int-or-string"):
        allowed, kind = (int, str), "integer,string"
    if schema.get("format") == "date-time":
        allowed = (str, list)  # so it is: a list passes as the bytes of a text
    words = _enumeration(schema)
    inner = [*words, *_bounds(schema), *_words(schema), *_sizes(schema), *_children(schema)]

    def apply(value: Any, path: str, found: list[Cause]) -> None:
        if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed and allowed != (object,)):
            told = _type_of(value)
            message = f'Invalid value: "{told}": {path} in body must be of type {kind}: "{told}"'
            found.append(Cause("FieldValueTypeInvalid", message, path))
            if kind == "integer" and isinstance(value, float):
                found.append(_unfit(path))
            for each in words:
                each(value, path, found)
            return
        for each in inner:
            each(value, path, found)

    return apply


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return next(name for name, types in _JSON_TYPES.items() if isinstance(value, types))


def _invalid(value: Any, path: str, why: str) -> Cause:
    shown = f'"{value}"' if isinstance(value, str) else value
    return Cause("FieldValueInvalid", f"Invalid value: {shown}: {path} in body {why}", path)


def _unfit(path: str) -> Cause:
    """A number that its format cannot hold is not told under its own name."""
    why = f'Invalid value: "": Checked value must be of type integer in {path}'
    return Cause("FieldValueInvalid", why, "status" if path.startswith("status") else "<nil>")


def _bounds(schema: Schema) -> list[Check]:
    checks: list[Check] = []
    if (low := schema.get("minimum")) is not None:

        def at_least(value: Any, path: str, found: list[Cause]) -> None:
            if value < low:
                found.append(_invalid(value, path, f"should be greater than or equal to {low}"))

        checks.append(at_least)
    if (high := schema.get("maximum")) is not None:

        def at_most(value: Any, path: str, found: list[Cause]) -> None:
            if value > high:
                found.append(_invalid(value, path, f"should be less than or equal to {high}"))

        checks.append(at_most)
    if bits := {"int32": 31, "int64": 63}.get(schema.get("format", "")):

        def fits(value: Any, path: str, found: list[Cause]) -> None:
            if not -(1 << bits) <= value < 1 << bits:
                found.append(_unfit(path))

        checks.append(fits)
    return checks


def _enumeration(schema: Schema) -> list[Check]:
    """Told even of a value of the wrong type."""
    words = schema.get("enum")
    if not words:
        return []
    listed = ", ".join(f'"{word}"' for word in words)

    def one_of(value: Any, path: str, found: list[Cause]) -> None:
        if value not in words:
            message = f'Unsupported value: "{value}": supported values: {listed}'
            found.append(Cause("FieldValueNotSupported", message, path))

    return [one_of]


def _words(schema: Schema) -> list[Check]:
    checks: list[Check] = []
    if pattern := schema.get("pattern"):
        search = re.compile(pattern.replace("$", r"\Z")).search

        def looks_right(value: Any, path: str, found: list[Cause]) -> None:
            if isinstance(value, str) and not search(value):
                found.append(_invalid(value, path, f"should match '{pattern}'"))

        checks.append(looks_right)
    if schema.get("format") == "date-time":

        def is_moment(value: Any, path: str, found: list[Cause]) -> None:
            if isinstance(value, str) and not _is_date_time(value):
                why = f'Invalid value: "{value}": {path} in body must be of type date-time: "{value}"'
                found.append(Cause("FieldValueTypeInvalid", why, path))

        checks.append(is_moment)
    return checks


def _is_date_time(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None and "T" in value.upper()
    except ValueError:
        return False


def _sizes(schema: Schema) -> list[Check]:
    checks: list[Check] = []
    for name, what, reason in (
        ("maxLength", "may not be more than {} bytes", "FieldValueTooLong"),
        ("maxItems", "must have at most {} items", "FieldValueTooMany"),
        ("maxProperties", "must have at most {} items", "FieldValueTooMany"),
    ):
        if (limit := schema.get(name)) is not None:
            checks.append(_at_most(limit, reason, what.format(limit)))
    lows = ("minLength", "minItems", "minProperties")
    return checks + [_at_least(schema[name]) for name in lows if name in schema]


def _at_most(limit: int, reason: str, why: str) -> Check:
    def apply(value: Any, path: str, found: list[Cause]) -> None:
        if isinstance(value, str | list | dict) and len(value) > limit:
            found.append(Cause(reason, f"Too long: {why}", path))

    return apply


def _at_least(limit: int) -> Check:
    def apply(value: Any, path: str, found: list[Cause]) -> None:
        if isinstance(value, str | list | dict) and len(value) < limit:
            found.append(_invalid(value, path, f"should be at least {limit} chars long"))

    return apply


def _children(schema: Schema) -> list[Check]:
    checks: list[Check] = []
    if required := schema.get("required"):
        checks.append(_all_there(required))
    if properties := schema.get("properties"):
        checks.append(_each_property({name: check(inner) for name, inner in properties.items()}))
    if isinstance(inner := schema.get("additionalProperties"), dict):
        checks.append(_each_value(check(inner)))
    if items := schema.get("items"):
        checks.append(_each_item(check(items)))
    if schema.get("x-kubernetes-list-type") == "map":
        checks.append(_no_twins(schema["x-kubernetes-list-map-keys"]))
    return checks


def _all_there(required: Sequence[str]) -> Check:
    def apply(value: Any, path: str, found: list[Cause]) -> None:
        absent = (f"{path}.{name}" if path else name for name in required if name not in value)
        found.extend(Cause("FieldValueRequired", "Required value", field) for field in absent)

    return apply


def _each_property(checks: Mapping[str, Check]) -> Check:
    def apply(value: Any, path: str, found: list[Cause]) -> None:
        for name, inner in value.items():
            if name in checks:
                checks[name](inner, f"{path}.{name}" if path else name, found)

    return apply


def _each_value(inner: Check) -> Check:
    def apply(value: Any, path: str, found: list[Cause]) -> None:
        for name, each in value.items():
            inner(each, f"{path}.{name}" if path else name, found)

    return apply


def _each_item(inner: Check) -> Check:
    def apply(value: Any, path: str, found: list[Cause]) -> None:
        for place, each in enumerate(value):
            inner(each, f"{path}[{place}]", found)

    return apply


def _no_twins(keys: Sequence[str]) -> Check:
    def apply(value: Any, path: str, found: list[Cause]) -> None:
        seen = set()
        for place, each in enumerate(value):
            here = f"{path}[{place}]"
            if not isinstance(each, dict):
                if each is not None:
                    found.append(_invalid(each, here, "must be an object for an array of list-type map"))
                continue
            identity = tuple(repr(each.get(key)) for key in keys)
            if identity in seen:
                found.append(Cause("FieldValueDuplicate", "Duplicate value", here))
            seen.add(identity)

    return apply
