"""What of an answer has to be the same on both servers: names for uids and versions, no moments, no wording."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from batchyard.api.names import GROUP
from tests.simulation.api.call import Body, Response

MOMENTS = ("creationTimestamp", "deletionTimestamp", "lastTransitionTime")
NAMED = ("uid", "resourceVersion")


@dataclass
class Normal:
    """Of one side: the same uid or version is given the same name wherever it appears."""

    _names: dict[str, str] = field(default_factory=dict)

    def answer(self, response: Response) -> Any:
        body = response.body
        if body.get("status") == "Failure":
            return (
                response.code,
                body.get("reason"),
                _complaint(body),
                bool((body.get("metadata") or {}).get("continue")),
            )
        if body.get("kind", "").endswith("List"):
            return response.code, self.listing(body)
        return response.code, self.item(body)

    def listing(self, body: Body) -> Any:
        """The version of a list counts everything on the server, so it is not compared."""
        meta = {"left": body["metadata"].get("remainingItemCount"), "more": bool(body["metadata"].get("continue"))}
        ours = body["apiVersion"].startswith(GROUP)
        return {"kind": body["kind"], **meta, "items": [self.item(item, ours=ours) for item in body["items"]]}

    def event(self, event: Body) -> Any:
        if event["type"] == "ERROR":
            return event["type"], event["object"]["code"], event["object"]["reason"]
        return event["type"], self.item(event["object"])

    def item(self, item: Body, *, ours: bool | None = None) -> Any:
        if ours is None:
            ours = item.get("apiVersion", "").startswith(GROUP)
        return self._part(item if ours else _without_emptiness(item), "")

    def _part(self, value: Any, name: str) -> Any:
        if isinstance(value, dict):
            return {key: self._part(inner, key) for key, inner in sorted(value.items()) if key != "managedFields"}
        if isinstance(value, list):
            return [self._part(inner, "") for inner in value]
        if name in MOMENTS:
            return "a moment"
        if name in NAMED and isinstance(value, str):
            return self._names.setdefault(f"{name} {value}", f"{name} {len(self._names)}")
        return value


def _complaint(body: Body) -> Any:
    """Complaints count by field and sort: wording and number may differ."""
    details = body.get("details") or {}
    causes = sorted({(cause.get("field", ""), cause.get("reason", "")) for cause in details.get("causes") or ()})
    return {"name": details.get("name"), "group": details.get("group"), "kind": details.get("kind"), "causes": causes}


def _without_emptiness(value: Any) -> Any:
    """Built-in kinds write some zero values out and leave others away."""
    if isinstance(value, dict):
        parts = {key: _without_emptiness(inner) for key, inner in value.items()}
        return {key: inner for key, inner in parts.items() if inner not in (None, "", {}, []) and inner is not False}
    if isinstance(value, list):
        return [_without_emptiness(inner) for inner in value]
    return value
