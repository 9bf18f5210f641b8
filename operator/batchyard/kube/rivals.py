"""Ranges and what shares an id with them: which of two counts. Tasks of one single id are told apart in job_tasks.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from batchyard.core.facts import TaskFacts
from batchyard.core.tasks.ranges import holds


class Rivals:
    def __init__(self) -> None:
        self.ranges: dict[str, TaskFacts] = {}
        self.first: dict[str, TaskFacts] = {}
        """By UID of a task the one that counts before it."""
        self._met: dict[str, dict[str, TaskFacts]] = {}

    def change(
        self, old: TaskFacts | None, new: TaskFacts | None, by_key: Mapping[str, Iterable[TaskFacts]]
    ) -> list[TaskFacts]:
        """A task came, went or was written to; returns those for which something may have changed, this one not among them."""
        task = new or old
        if task is None or not (self.ranges or task.indexes is not None):
            return []
        uid = task.ref.uid
        if task.indexes is not None:
            self.ranges.pop(uid, None)
        met = self._met.get(uid) if old is not None else {o.ref.uid: o for o in self._sharing(task, by_key)}
        if new is not None and new.indexes is not None:
            self.ranges[uid] = new
        if not met:
            return []
        self._introduce(task, new, met)
        for each in (task, *met.values()):
            self._judge(each)
        return [*met.values()]

    def _introduce(self, task: TaskFacts, new: TaskFacts | None, met: dict[str, TaskFacts]) -> None:
        uid = task.ref.uid
        for other in met:
            others = self._met.setdefault(other, {})
            others.pop(uid, None)
            if new is not None:
                others[uid] = new
        self._met.pop(uid, None)
        if new is not None:
            self._met[uid] = met

    def _judge(self, task: TaskFacts) -> None:
        uid = task.ref.uid
        self.first.pop(uid, None)
        others = self._met.get(uid)
        if others:
            first = min(others.values(), key=age)
            if age(first) < age(task):
                self.first[uid] = first

    def _sharing(self, task: TaskFacts, by_key: Mapping[str, Iterable[TaskFacts]]) -> Iterator[TaskFacts]:
        """The others that have an id of it."""
        if (mine := task.indexes) is None:
            yield from (each for each in self.ranges.values() if holds(each, task.id))
            return
        for each in self.ranges.values():
            if each.indexes is not None and each.indexes.start <= mine.end and mine.start <= each.indexes.end:
                yield each
        numbers = (str(number) for number in range(mine.start, mine.end + 1))
        keys = numbers if mine.total < len(by_key) else (key for key in by_key if holds(task, key))
        yield from (each for key in keys for each in by_key.get(key, ()))


def age(task: TaskFacts) -> tuple[bool, bool, float, str]:
    """A task that has been refused never comes first again, one that has begun never second: of two of one second the name decides."""
    return bool(task.refused), not _begun(task), task.order[0], task.ref.name


def _begun(task: TaskFacts) -> bool:
    """As far as it is written down."""
    return task.state != "active" or task.attempt > 0 or (task.indexes is not None and bool(task.indexes.ended))
