"""What the users asked for, as far as the rules need it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

UNLIMITED = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskTerms:
    slots: int = 1
    max_retries: int = 0
    after: frozenset[str] = frozenset()
    """Ids of the tasks it depends on."""
    satisfying: frozenset[int] = frozenset({0})
    """Exit codes after which tasks that depend on this one may start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTerms:
    preparation: bool = False
    """It has one, and its tasks wait for the success of it."""
    prepare_again: bool = True
    """rerunOnNodeRebootAfterSuccess."""
    preparation_retries: int = 0
    release: bool = False
    tasks: Mapping[str, TaskTerms] = field(default_factory=dict)
    """By id; a task that is not named has the terms of TaskTerms()."""

    def task(self, task: str) -> TaskTerms:
        return self.tasks.get(task, TaskTerms())


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    jobs: Mapping[str, JobTerms] = field(default_factory=dict)
    """By what Process.job says."""
    slots: Mapping[str, int] = field(default_factory=dict)
    """taskSlotsPerNode by pool; 1 where not named."""
    start_task: frozenset[str] = frozenset()
    """Pools whose nodes serve only after their start task has succeeded in this boot."""
    start_retries: Mapping[str, int] = field(default_factory=dict)
    """maxTaskRetryCount of the start task by pool; any number where not named."""
    most_recoveries: int = UNLIMITED
    """Of a task, for each time that its user asks for it."""

    def job(self, job: str) -> JobTerms:
        return self.jobs.get(job, JobTerms())
