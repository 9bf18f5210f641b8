"""Satisfaction that its task can tell no more: deleted, or run once more. Holds, decides nothing."""

from __future__ import annotations

from collections.abc import Iterator

from batchyard.api.dependencies import SatisfiedTasks
from batchyard.core.tasks.dependencies import Parent, Satisfied
from batchyard.core.tasks.remembered import read, written


class Remembered:
    """As it is to stand in the job's status, made anew only when something was added."""

    def __init__(self) -> None:
        self._satisfied = Satisfied()
        self._written: SatisfiedTasks | None = None
        self._changed = False

    def news(self, said: SatisfiedTasks) -> Iterator[Parent]:
        """What a job's status says beyond it: most of what is read has been written from here."""
        return read(said, self._satisfied)

    def add(self, parent: Parent) -> None:
        self._changed = self._changed or parent not in self._satisfied
        self._satisfied.add(parent)

    @property
    def written(self) -> SatisfiedTasks | None:
        if self._changed:
            self._written, self._changed = written(self._satisfied), False
        return self._written
