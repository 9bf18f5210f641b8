"""Which tasks may start as far as `dependsOn` goes (Azure: task dependencies). Whether a parent satisfies is for exit_conditions.py."""

from __future__ import annotations

from dataclasses import dataclass, field

from batchyard.core.facts import TaskFacts
from batchyard.core.intervals import Intervals
from batchyard.core.tasks.ranges import integer

Parent = str | int
"""A task as `dependsOn` knows it: by its id in lower case, or by its number in a range of ids."""


@dataclass(frozen=True, slots=True)
class Satisfied:
    """Parents that let their dependents start. Only ever grows: satisfaction is remembered (Azure 4.6)."""

    ids: set[str] = field(default_factory=set)
    numbers: Intervals = field(default_factory=Intervals)
    plain: Intervals = field(default_factory=Intervals)
    """Ids that are numbers as one writes them, `4` and not `04`: ten thousand of them are one run."""

    def add(self, parent: Parent) -> None:
        if not isinstance(parent, str):
            self.numbers.add(parent)
        elif (value := integer(parent)) is not None:
            self.plain.add(value)
        else:
            self.ids.add(parent)

    def __contains__(self, parent: Parent) -> bool:
        if not isinstance(parent, str):
            return parent in self.numbers
        return value in self.plain if (value := integer(parent)) is not None else parent in self.ids


def first_unmet(task: TaskFacts, satisfied: Satisfied) -> Parent | None:
    """A parent that the task still waits for; None when it may start. Ids compare without case, numbers without leading zeros."""
    for parent in task.depends_on:
        if parent not in satisfied:
            return parent
    for start, end in task.depends_on_ranges:
        if (missing := satisfied.numbers.first_missing(start, end)) is not None:
            return missing
    return None


def known_as(task_id: str) -> tuple[Parent, ...]:
    """Everything that a `dependsOn` may call a task."""
    value = number(task_id)
    return (task_id.lower(),) if value is None else (task_id.lower(), value)


def number(task_id: str) -> int | None:
    """The integer that ranges of ids know a task by: `4`, `04` and `004` are all 4; other ids have none."""
    return integer(task_id.lstrip("0") or "0")
