"""Every version of every object: one counter for all kinds, as etcd has it. Knows nothing of what objects mean."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from operator import attrgetter

from tests.simulation.api.call import Body

Key = tuple[str, str]
"""Namespace and name."""


class Compacted(Exception):  # noqa: N818  reads as what happened
    """What was asked about is forgotten."""


@dataclass(frozen=True, slots=True)
class Change:
    """`old` is None when the object is new; `gone` when the change was its end: then `new` is how it was last."""

    version: int
    old: Body | None
    new: Body
    gone: bool


class History:
    """Kinds by name. What is stored is shared with everybody who reads it, so nobody may change it."""

    def __init__(self) -> None:
        self.version = 1
        self.compacted = 0
        self.stirred: set[str] = set()
        """Kinds that have changed; who has taken notice clears it."""
        self._now: defaultdict[str, dict[Key, Body]] = defaultdict(dict)
        self._changes: defaultdict[str, list[Change]] = defaultdict(list)
        self._forgotten: dict[str, int] = {}

    def get(self, kind: str, key: Key) -> Body | None:
        return self._now[kind].get(key)

    def put(self, kind: str, key: Key, item: Body) -> Body:
        """Stores it under the next version, which it then names."""
        self.version += 1
        item = self._stamped(item)
        self._append(kind, Change(self.version, self._now[kind].get(key), item, gone=False))
        self._now[kind][key] = item
        return item

    def remove(self, kind: str, key: Key) -> Body:
        """How it was last, with the version of its end."""
        self.version += 1
        old = self._now[kind].pop(key)
        item = self._stamped(old)
        self._append(kind, Change(self.version, old, item, gone=True))
        return item

    def items(self, kind: str) -> dict[Key, Body]:
        """All there is now, in no order."""
        return self._now[kind]

    def items_at(self, kind: str, version: int) -> dict[Key, Body]:
        """All there was then, in no order."""
        if version < self.compacted:
            raise Compacted
        items = self._now[kind]
        later = self.since(kind, version)
        if later:
            items = dict(items)
        for change in reversed(later):
            meta = change.new["metadata"]
            key = meta.get("namespace", ""), meta["name"]
            if change.old is None:
                del items[key]
            else:
                items[key] = change.old
        return items

    def since(self, kind: str, version: int) -> list[Change]:
        """What came after that version. Whoever has had all there was until then loses nothing by a compaction."""
        if version < self._forgotten.get(kind, 0):
            raise Compacted
        changes = self._changes[kind]
        return changes[bisect_right(changes, version, key=attrgetter("version")) :]

    def compact(self, up_to: int) -> None:
        """Forgets what was before that version."""
        self.compacted = max(self.compacted, min(up_to, self.version))
        for kind, changes in self._changes.items():
            if old := bisect_right(changes, self.compacted, key=attrgetter("version")):
                self._forgotten[kind] = changes[old - 1].version
                del changes[:old]

    def _append(self, kind: str, change: Change) -> None:
        self._changes[kind].append(change)
        self.stirred.add(kind)

    def _stamped(self, item: Body) -> Body:
        return {**item, "metadata": {**item["metadata"], "resourceVersion": str(self.version)}}
