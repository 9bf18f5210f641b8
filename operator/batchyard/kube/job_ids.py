"""Ids of jobs, which are unique in a namespace without regard to case (Azure: identifiers). Finds who was there first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from batchyard.api.job import Job


class JobIds:
    def __init__(self) -> None:
        self._jobs: dict[tuple[str, str], dict[str, Job]] = {}

    def put(self, job: Job) -> None:
        self._jobs.setdefault(_key(job), {})[job.name] = job

    def drop(self, job: Job) -> None:
        same = self._jobs[_key(job)]
        del same[job.name]
        if not same:
            del self._jobs[_key(job)]

    def namesakes(self, job: Job) -> Iterable[Job]:
        """Jobs with the same id but for case; the job itself is among them while it is there."""
        return self._jobs.get(_key(job), {}).values()

    def first(self, job: Job) -> Job:
        """The one of them that the id belongs to."""
        return min(self.namesakes(job), key=_seniority, default=job)


def _key(job: Job) -> tuple[str, str]:
    return job.namespace, job.id.lower()


def _seniority(job: Job) -> tuple[bool, Any, str]:
    """A job named like the id comes first: it had no say in what others set as their id."""
    return job.spec.id is not None, job.metadata.creation_timestamp, job.name
