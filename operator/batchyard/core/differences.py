"""What must be patched so that one JSON object becomes another (RFC 7386 merge patch)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merge_patch(present: Mapping[str, Any], desired: Mapping[str, Any]) -> dict[str, Any]:
    """The smallest merge patch from `present` to `desired`; empty when they are equal."""
    patch: dict[str, Any] = {key: None for key in present if key not in desired}
    for key, value in desired.items():
        before = present.get(key)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            if inner := merge_patch(before, value):
                patch[key] = inner
        elif value != before:
            patch[key] = value
    return patch


def holds(present: Mapping[str, Any], patch: Mapping[str, Any]) -> bool:
    """Whether the object is as the patch makes it."""
    for key, value in patch.items():
        inner = present.get(key)
        if isinstance(value, Mapping):
            if not (isinstance(inner, Mapping) and holds(inner, value)):
                return False
        elif value != inner:
            return False
    return True
