"""Which tasks may start as far as `dependsOn` goes (Azure: task dependencies). Satisfaction is remembered by the caller."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from batchyard.core.facts import TaskFacts


def satisfied(task: TaskFacts, succeeded: AbstractSet[str], succeeded_numbers: AbstractSet[int]) -> bool:
    """True when every task that it names has succeeded; ids compare without case, numbers without leading zeros."""
    return all(parent in succeeded for parent in task.depends_on) and all(
        number in succeeded_numbers for start, end in task.depends_on_ranges for number in range(start, end + 1)
    )


def number(task_id: str) -> int | None:
    """The integer that ranges of ids know a task by: `4`, `04` and `004` are all 4; other ids have none."""
    return int(task_id) if task_id.isascii() and task_id.isdigit() else None
