"""One pool in numbers, for monitoring. From what statuses say, so that the numbers agree with what users see. Decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from batchyard.api.job import Job
from batchyard.core.snapshot import Snapshot

TASK_STATES = ("active", "preparing", "running", "succeeded", "failed")


@dataclass(frozen=True, slots=True)
class Numbers:
    nodes: Mapping[str, int] = field(default_factory=dict)
    """By state."""
    target_nodes: int = 0
    jobs: Mapping[str, int] = field(default_factory=dict)
    """By state."""
    tasks: Mapping[str, int] = field(default_factory=dict)
    """By state; of jobs that are there."""
    waiting: Mapping[str, int] = field(default_factory=dict)
    """Jobs with tasks that wait, by the reason of the condition Admitted."""


def numbers(s: Snapshot) -> Numbers:
    jobs = [view.job for view in s.jobs if view.job is not None]
    spec = s.pool.spec if s.pool is not None else None
    tasks: Counter[str] = Counter(dict.fromkeys(TASK_STATES, 0) if jobs else {})
    for job in jobs:
        tasks.update(_tasks(job))
    return Numbers(
        nodes=Counter(member.status.state.value for member in s.members.values() if member.status.state is not None),
        target_nodes=spec.target_dedicated_nodes + spec.target_low_priority_nodes if spec is not None else 0,
        jobs=Counter(job.status.state.value for job in jobs if job.status.state is not None),
        tasks=tasks,
        waiting=Counter(reason for job in jobs if (reason := _waits_for(job))),
    )


def _tasks(job: Job) -> dict[str, int]:
    counts = job.status.task_counts
    return {state: getattr(counts, state) for state in TASK_STATES} if counts is not None else {}


def _waits_for(job: Job) -> str:
    admitted = job.status.condition("Admitted")
    return (
        admitted.reason if admitted is not None and admitted.status == "False" and job.status.state == "active" else ""
    )
