"""Lists, pages of lists, and what is selected. A page taken up later shows the version of its first page."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from tests.simulation.api import refusal, selecting
from tests.simulation.api.call import Body
from tests.simulation.api.history import Compacted, Key
from tests.simulation.api.resource import Resource
from tests.simulation.api.selecting import Matches
from tests.simulation.api.served import Target
from tests.simulation.api.state import State

Query = Mapping[str, str]
NOW = 0
"""As the version of a token: whatever is there when it is used."""


@dataclass(frozen=True, slots=True)
class Page:
    version: int
    items: list[Body]
    token: str
    left: int


@dataclass(frozen=True, slots=True)
class Reader:
    state: State

    def page(self, target: Target, query: Query) -> Page:
        version, after = _place(query.get("continue", "")) or (NOW, ("", ""))
        version = version or self.state.history.version
        try:
            everything = self.state.history.items_at(target.resource.qualified, version)
        except Compacted:
            raise refusal.expired(
                "The provided continue parameter is too old to display a consistent list result.", _token(NOW, after)
            ) from None
        chosen = matcher(target, query)
        keys = sorted(key for key in everything if key > after and target.namespace in ("", key[0]))
        limit = int(query.get("limit") or 0) or len(keys)
        items: list[Body] = []
        for place, key in enumerate(keys):
            if len(items) == limit:  # whether what is left is selected is not known before the next page
                return Page(version, items, _token(version, keys[place - 1]), len(keys) - place)
            if chosen(everything[key]):
                items.append(everything[key])
        return Page(version, items, "", 0)


def matcher(target: Target, query: Query) -> Matches:
    conditions = [_within(target.namespace)] if target.namespace else []
    try:
        if text := query.get("labelSelector"):
            conditions.append(selecting.labels(text))
        if text := query.get("fieldSelector"):
            conditions.append(selecting.fields(text, target.resource.selectable))
    except selecting.BadSelector as bad:
        raise refusal.bad_request(str(bad)) from None
    return selecting.both(conditions)


def listing(resource: Resource, page: Page, query: Query) -> Body:
    """Items of built-in kinds do not say what they are."""
    kind = resource.kind
    meta: Body = {"resourceVersion": str(page.version)}
    if page.token:
        meta["continue"] = page.token
        if not query.get("labelSelector") and not query.get("fieldSelector"):
            meta["remainingItemCount"] = page.left
    items = page.items if resource.is_custom else [_nameless(item) for item in page.items]
    return {"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": meta, "items": items}


def _nameless(item: Body) -> Body:
    return {key: value for key, value in item.items() if key not in ("kind", "apiVersion")}


def _within(namespace: str) -> Matches:
    return lambda item: bool(item["metadata"].get("namespace") == namespace)


def _token(version: int, last: Key) -> str:
    return urlsafe_b64encode(orjson.dumps([version, *last])).decode().rstrip("=")


def _place(token: str) -> tuple[int, Key] | None:
    if not token:
        return None
    try:
        version, namespace, name = orjson.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError:
        raise refusal.bad_request("continue key is not valid: illegal base64 data") from None
    return version, (namespace, name)
