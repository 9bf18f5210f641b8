"""Tasks that wait for others, each filed under one parent that it still misses. Holds, decides nothing.

A parent that comes to its end is looked up once; a pass never looks at the tasks that wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from batchyard.core.facts import TaskFacts
from batchyard.core.tasks.dependencies import Parent


class Blocked:
    def __init__(self, has_failed: Callable[[Parent], bool]) -> None:
        """`has_failed` tells whether a parent has ended and blocks; it is asked about parents that are waited for."""
        self._has_failed = has_failed
        self._waiting_for: dict[Parent, dict[str, TaskFacts]] = {}
        self._parent_of: dict[str, Parent] = {}
        self._failed: set[Parent] = set()
        self.tasks = 0
        """How many there are, each integer of a range counted."""
        self.hopeless = 0
        """How many wait for a parent that has ended and blocks them."""

    def __contains__(self, uid: str) -> bool:
        return uid in self._parent_of

    def __iter__(self) -> Iterator[TaskFacts]:
        return (task for tasks in self._waiting_for.values() for task in tasks.values())

    def put(self, task: TaskFacts, parent: Parent) -> None:
        self.drop(task.ref.uid)
        if parent not in self._waiting_for and self._has_failed(parent):
            self._failed.add(parent)
        self._parent_of[task.ref.uid] = parent
        self._waiting_for.setdefault(parent, {})[task.ref.uid] = task
        self._count(task, parent, 1)

    def drop(self, uid: str) -> None:
        if (parent := self._parent_of.pop(uid, None)) is None:
            return
        same = self._waiting_for[parent]
        self._count(same.pop(uid), parent, -1)
        if not same:
            del self._waiting_for[parent]
            self._failed.discard(parent)

    def freed_by(self, parent: Parent) -> list[TaskFacts]:
        """Takes out those that waited for it; they may have to wait for another."""
        freed = [*self._waiting_for.get(parent, {}).values()]
        for task in freed:
            self.drop(task.ref.uid)
        return freed

    def look_again(self, parent: Parent) -> None:
        """It may have ended in a way that blocks, or run once more (reactivation)."""
        if (waiting := self._waiting_for.get(parent)) is None:
            return
        failed = self._has_failed(parent)
        if failed != (parent in self._failed):
            (self._failed.add if failed else self._failed.discard)(parent)
            self.hopeless += sum(task.open for task in waiting.values()) * (1 if failed else -1)

    def _count(self, task: TaskFacts, parent: Parent, step: int) -> None:
        self.tasks += task.open * step
        self.hopeless += task.open * step * (parent in self._failed)
