"""Which attempts of a job's tasks have a Pod, and which of them are written down as running. Holds, decides nothing."""

from __future__ import annotations

from collections import Counter

from batchyard.core.facts import TaskFacts
from batchyard.core.tasks.task_pods import Run, run


class Seats:
    """Not of ranges: their integers are no objects, and only the whole is written down as running."""

    def __init__(self) -> None:
        self._pods: Counter[Run] = Counter()
        self.running: set[Run] = set()
        self.begun: set[Run] = set()

    def __contains__(self, task: TaskFacts) -> bool:
        return task.indexes is None and _run(task) in self._pods

    def change(self, seat: Run, step: int) -> bool:
        """A Pod of the attempt came (1) or went (-1). Whether it is the first, or was the last."""
        before = seat in self._pods
        self._pods[seat] += step
        if not self._pods[seat]:
            del self._pods[seat]
        return before != (seat in self._pods)

    def mark(self, task: TaskFacts) -> None:
        """Unless it has ended, or its user has asked for its end."""
        if task.indexes is not None or task.wants_end or task.state == "completed":
            return
        if task.state == "running":
            self.running.add(_run(task))
        elif task in self:
            self.begun.add(_run(task))

    def unmark(self, task: TaskFacts) -> None:
        self.running.discard(_run(task))
        self.begun.discard(_run(task))


def _run(task: TaskFacts) -> Run:
    return run(task.unit, task.attempt)
