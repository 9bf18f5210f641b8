"""JSON merge patch (RFC 7386) and JSON patch (RFC 6902). The patched document shares with the old one what stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

JSON_PATCH = "application/json-patch+json"


class BadPatch(ValueError):  # noqa: N818  reads as what happened
    """It cannot be applied to this document: a `test` failed, or the path leads nowhere."""


def merged(old: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    result = dict(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def patched(old: Any, operations: Sequence[dict[str, Any]]) -> Any:
    document = old
    for each in operations:
        document = _step(document, each)
    return document


def _step(document: Any, operation: dict[str, Any]) -> Any:
    path = _path(operation["path"])
    match operation["op"]:
        case "test":
            if found(document, path) != operation.get("value"):
                raise BadPatch(f"testing value {operation['path']} failed")
            return document
        case "add":
            return _put(document, path, operation["value"], insert=True)
        case "replace":
            return _put(document, path, operation["value"], insert=False)
        case "remove":
            return _without(document, path)
        case "copy":
            return _put(document, path, found(document, _path(operation["from"])), insert=True)
        case "move":
            source = _path(operation["from"])
            return _put(_without(document, source), path, found(document, source), insert=True)
        case unknown:
            raise BadPatch(f"unexpected kind: {unknown}")


def found(document: Any, path: Sequence[str]) -> Any:
    for step in path:
        document = _child(document, step)
    return document


def _path(pointer: str) -> list[str]:
    if pointer == "":
        return []
    if not pointer.startswith("/"):
        raise BadPatch(f"bad path: {pointer}")
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/")]


def _child(document: Any, step: str) -> Any:
    if isinstance(document, dict) and step in document:
        return document[step]
    if isinstance(document, list) and step.isdecimal() and int(step) < len(document):
        return document[int(step)]
    raise BadPatch(f"missing value at {step}")


def _put(document: Any, path: Sequence[str], value: Any, *, insert: bool) -> Any:
    if not path:
        return value
    first, rest = path[0], path[1:]
    if rest:
        value = _put(_child(document, first), rest, value, insert=insert)
    if isinstance(document, dict):
        return {**document, first: value}
    if not isinstance(document, list):
        raise BadPatch(f"missing value at {first}")
    if not rest and insert:
        place = len(document) if first == "-" else _place(first, len(document))
        return [*document[:place], value, *document[place:]]
    place = _place(first, len(document) - 1)
    return [*document[:place], value, *document[place + 1 :]]


def _place(step: str, last: int) -> int:
    if not step.isdecimal() or int(step) > last:
        raise BadPatch(f"index out of bounds: {step}")
    return int(step)


def _without(document: Any, path: Sequence[str]) -> Any:
    if not path:
        raise BadPatch("the whole document cannot be removed")
    first, rest = path[0], path[1:]
    child = _child(document, first)
    if isinstance(document, dict):
        if rest:
            return {**document, first: _without(child, rest)}
        return {key: value for key, value in document.items() if key != first}
    place = int(first)
    return [*document[:place], *([_without(child, rest)] if rest else []), *document[place + 1 :]]
