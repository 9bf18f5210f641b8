"""The smallest correct Sink: remembers objects, refuses older ones, sweeps what a list no longer mentions."""

from __future__ import annotations

from typing import Any


class Memory:
    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.sweeps = 0

    def upsert(self, item: dict[str, Any]) -> None:
        known = self.items.get(item["metadata"]["uid"])
        if known is None or _version(known) < _version(item):
            self.items[item["metadata"]["uid"]] = item

    def remove(self, namespace: str, name: str, uid: str) -> None:
        del namespace, name
        self.items.pop(uid, None)

    def listed(self, seen: set[str], version: int, namespace: str | None = None) -> None:  # noqa: ARG002
        self.sweeps += 1
        gone = [uid for uid, item in self.items.items() if uid not in seen and _version(item) <= version]
        for uid in gone:
            del self.items[uid]

    @property
    def names(self) -> set[str]:
        return {item["metadata"]["name"] for item in self.items.values()}


def _version(item: dict[str, Any]) -> int:
    return int(item["metadata"]["resourceVersion"])
