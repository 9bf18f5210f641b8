"""Tasks that wait for others, each filed under one parent that it still misses. Holds, decides nothing.

A parent that comes to its end is looked up once; a pass never looks at the tasks that wait.
"""

from __future__ import annotations

from collections.abc import Iterator

from batchyard.core.facts import TaskFacts
from batchyard.core.tasks.dependencies import Parent


class Blocked:
    def __init__(self) -> None:
        self._waiting_for: dict[Parent, dict[str, TaskFacts]] = {}
        self._parent_of: dict[str, Parent] = {}
        self._failed: set[Parent] = set()
        self.hopeless = 0
        """How many wait for a parent that has ended and blocks them."""

    def __len__(self) -> int:
        return len(self._parent_of)

    def __contains__(self, uid: str) -> bool:
        return uid in self._parent_of

    def __iter__(self) -> Iterator[TaskFacts]:
        return (task for tasks in self._waiting_for.values() for task in tasks.values())

    def put(self, task: TaskFacts, parent: Parent) -> None:
        self.drop(task.ref.uid)
        self._parent_of[task.ref.uid] = parent
        self._waiting_for.setdefault(parent, {})[task.ref.uid] = task
        self.hopeless += parent in self._failed

    def drop(self, uid: str) -> None:
        if (parent := self._parent_of.pop(uid, None)) is None:
            return
        same = self._waiting_for[parent]
        del same[uid]
        self.hopeless -= parent in self._failed
        if not same:
            del self._waiting_for[parent]

    def freed_by(self, parent: Parent) -> list[TaskFacts]:
        """Takes out those that waited for it; they may have to wait for another."""
        freed = [*self._waiting_for.get(parent, {}).values()]
        for task in freed:
            self.drop(task.ref.uid)
        return freed

    def failed(self, parent: Parent, *, failed: bool) -> None:
        """Whether the parent has ended in a way that blocks. It may run once more (reactivation)."""
        if failed != (parent in self._failed):
            (self._failed.add if failed else self._failed.discard)(parent)
            self.hopeless += len(self._waiting_for.get(parent, ())) * (1 if failed else -1)
