"""Satisfaction that its task can tell no more, as it stands in the job's status, so that an operator that starts knows it (Azure 4.6)."""

from __future__ import annotations

from collections.abc import Iterator

from batchyard.api.dependencies import SatisfiedTasks, TaskIdRange
from batchyard.core.tasks.dependencies import Parent, Satisfied, known_as

LIMIT = 1000
"""What the schema takes of ids, and of ranges."""


def written(satisfied: Satisfied) -> SatisfiedTasks | None:
    """None when there is nothing to remember."""
    if not (satisfied.ids or satisfied.plain):
        return None
    ranges = (TaskIdRange(start=start, end=end) for start, end in satisfied.plain.runs[:LIMIT])
    return SatisfiedTasks(task_ids=tuple(sorted(satisfied.ids)[:LIMIT]), task_id_ranges=tuple(ranges))


def read(remembered: SatisfiedTasks, known: Satisfied) -> Iterator[Parent]:
    """Everything that a `dependsOn` may call those that are not known yet. They may be made known meanwhile."""
    for each in remembered.task_ids:
        if each not in known:
            yield from known_as(each)
    for run in remembered.task_id_ranges:
        for start, end in [*known.plain.gaps(run.start, run.end)]:
            for value in range(start, end + 1):
                yield from known_as(str(value))
