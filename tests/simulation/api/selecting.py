"""Label and field selectors as questions about an object, compiled once per text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from tests.simulation.api.call import Body

Matches = Callable[[Body], bool]

_SET = re.compile(r"^\s*(\S+)\s+(in|notin)\s*\(([^)]*)\)\s*$")
_EQUALITY = re.compile(r"^\s*([^\s=!]+)\s*(==|=|!=)\s*(\S*)\s*$")
_TERMS = re.compile(r",(?![^(]*\))")


class BadSelector(ValueError):  # noqa: N818  reads as what happened
    """The text is no selector, or names a field by which the kind cannot be selected."""


def anything(_: Body) -> bool:
    return True


@lru_cache(maxsize=10_000)
def labels(text: str) -> Matches:
    return both([_label(term) for term in _TERMS.split(text) if term.strip()])


@lru_cache(maxsize=10_000)
def fields(text: str, selectable: tuple[str, ...]) -> Matches:
    """`selectable` are the paths of the kind besides metadata.name and metadata.namespace."""
    return both([_field(term, selectable) for term in text.split(",") if term.strip()])


def value_at(item: Body, path: str) -> str:
    """As field selectors see it: a text, empty for what is not there."""
    found: Any = item
    for step in path.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    if isinstance(found, bool):
        return str(found).lower()
    return "" if found is None else str(found)


def both(conditions: Sequence[Matches]) -> Matches:
    if not conditions:
        return anything
    return conditions[0] if len(conditions) == 1 else lambda item: all(each(item) for each in conditions)


def _label(term: str) -> Matches:
    if found := _SET.match(term):
        key, operator, listed = found.groups()
        values = {value.strip() for value in listed.split(",")}
        if operator == "in":
            return lambda item: _labels_of(item).get(key) in values
        return lambda item: _labels_of(item).get(key) not in values
    if found := _EQUALITY.match(term):
        key, operator, value = found.groups()
        if operator == "!=":
            return lambda item: _labels_of(item).get(key) != value
        return lambda item: _labels_of(item).get(key) == value
    key = term.strip()
    if " " in key:
        raise BadSelector(f"unable to parse requirement: {term}")
    if key.startswith("!"):
        return lambda item: key[1:].strip() not in _labels_of(item)
    return lambda item: key in _labels_of(item)


def _labels_of(item: Body) -> dict[str, str]:
    return item["metadata"].get("labels") or {}


def _field(term: str, selectable: tuple[str, ...]) -> Matches:
    if not (found := _EQUALITY.match(term)):
        raise BadSelector(f"invalid selector: '{term}'; can't understand '{term}'")
    path, operator, value = found.groups()
    if path not in ("metadata.name", "metadata.namespace", *selectable):
        raise BadSelector(f"field label not supported: {path}")
    if operator == "!=":
        return lambda item: value_at(item, path) != value
    return lambda item: value_at(item, path) == value
