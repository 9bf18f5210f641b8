"""Reading objects as the API server sends them: paths, conditions, references. Missing parts are empty, never an error."""

from __future__ import annotations

from typing import Any

from batchyard.api.names import GROUP

Object = dict[str, Any]


def at(found: Any, path: str, default: Any = "") -> Any:
    """The member at a dotted path."""
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return default if found is None else found


def name(each: Object) -> str:
    return str(at(each, "metadata.name"))


def condition(each: Object, kind: str, status: str = "") -> Object:
    """The condition of that type (and status); empty when there is none."""
    listed = at(each, "status.conditions", [])
    return next((c for c in listed if c.get("type") == kind and status in ("", c.get("status"))), {})


def is_true(each: Object, kind: str) -> bool:
    return bool(condition(each, kind, "True"))


def waits_for(each: Object) -> str:
    """The one word for why it waits; empty when it does not."""
    return str(condition(each, "Admitted", "False").get("reason", ""))


def reference(each: Object) -> str:
    """As kubectl names it: batchjob.batchyard.io/demo."""
    kind, group = str(each.get("kind", "")).lower(), str(each.get("apiVersion", "")).rpartition("/")[0]
    return f"{kind}.{group or GROUP}/{name(each)}"


def plural(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
