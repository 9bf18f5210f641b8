"""Which tasks of its job a task waits for. The words only; core decides whether they are met."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from .model import Count, Identifier, Model, rule, rules


class TaskIdRange(Model):
    model_config = ConfigDict(
        json_schema_extra=rules(rule("self.start <= self.end", "start must not be greater than end", ".start"))
    )

    start: Count
    """First integer, at least 0."""
    end: Count
    """Last integer, included."""


class TaskDependencies(Model):
    task_ids: Annotated[tuple[Identifier, ...], Field(max_length=1000)] = ()
    """Ids of tasks that must succeed first, at most 1000. A task that does not exist yet is waited for."""
    task_id_ranges: Annotated[tuple[TaskIdRange, ...], Field(max_length=100)] = ()
    """Ranges of integer ids that must all succeed first, at most 100; leading zeros do not matter."""


class SatisfiedTasks(Model):
    task_ids: Annotated[tuple[Identifier, ...], Field(max_length=1000)] = ()
    """Ids in lower case."""
    task_id_ranges: Annotated[tuple[TaskIdRange, ...], Field(max_length=1000)] = ()
    """Ids that are integers without leading zeros, as ranges."""
