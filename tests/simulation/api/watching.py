"""A position in the history of one kind, and what a watcher with selectors is told of what came after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.simulation.api import refusal
from tests.simulation.api.call import Body
from tests.simulation.api.history import Change, Compacted, History
from tests.simulation.api.resource import Resource
from tests.simulation.api.selecting import Matches


@dataclass
class Watch:
    """To be asked again and again. Its events share their parts with what is stored: to be read only."""

    history: History
    resource: Resource
    matches: Matches
    position: int
    ended: bool = False
    backlog: list[Body] = field(default_factory=list)

    @classmethod
    def starting(cls, history: History, resource: Resource, matches: Matches, version: int) -> Watch:
        if version:
            lost = version < history.compacted
            return cls(history, resource, matches, version, lost, [_expired(version, history)] if lost else [])
        there = sorted(history.items(resource.qualified).items())
        added = [{"type": "ADDED", "object": item} for _, item in there if matches(item)]
        return cls(history, resource, matches, history.version, backlog=added)

    @property
    def about(self) -> str:
        """The name of the kind."""
        return self.resource.qualified

    def events(self) -> Iterator[Body]:
        """What is new since the last call; an ERROR event, the last there will be, when that has been forgotten."""
        backlog, self.backlog = self.backlog, []
        yield from backlog
        if self.ended:
            return
        try:
            changes = self.history.since(self.resource.qualified, self.position)
        except Compacted:
            self.ended = True
            yield _expired(self.position, self.history)
            return
        for change in changes:
            self.position = change.version
            if event := self._told(change):
                yield event

    def bookmark(self) -> Body:
        """Where the watcher is: to be sent only when it has been sent all events."""
        kind = self.resource.kind
        self.position = max(self.position, self.history.version)
        meta = {"resourceVersion": str(self.position), "creationTimestamp": None}
        return {
            "type": "BOOKMARK",
            "object": {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": meta},
        }

    def _told(self, change: Change) -> Body | None:
        """An object that leaves the selection is told as it was when it last matched, with the version that it left at."""
        before = change.old is not None and self.matches(change.old)
        after = not change.gone and self.matches(change.new)
        if after:
            return {"type": "MODIFIED" if before else "ADDED", "object": change.new}
        if before and change.old is not None:
            version = change.new["metadata"]["resourceVersion"]
            last = {**change.old, "metadata": {**change.old["metadata"], "resourceVersion": version}}
            return {"type": "DELETED", "object": last}
        return None


def _expired(version: int, history: History) -> Body:
    why = f"too old resource version: {version} ({history.compacted})"
    return {"type": "ERROR", "object": refusal.expired(why).body}
