"""Ids of jobs, or of pools, which are unique in a namespace without regard to case (Azure: identifiers). Finds who was there first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from batchyard.api import names
from batchyard.api.job import Job
from batchyard.api.pool import Pool

T = TypeVar("T", Job, Pool)


class Ids(Generic[T]):
    def __init__(self) -> None:
        self._by_id: dict[tuple[str, str], dict[str, T]] = {}

    def put(self, one: T) -> None:
        self._by_id.setdefault(_key(one), {})[one.name] = one

    def drop(self, one: T) -> None:
        same = self._by_id[_key(one)]
        del same[one.name]
        if not same:
            del self._by_id[_key(one)]

    def namesakes(self, one: T) -> Iterable[T]:
        """Those with the same id but for case; the one itself is among them while it is there."""
        return self._by_id.get(_key(one), {}).values()

    def clash(self, one: T) -> str:
        """Name of the one that the id belongs to; empty when it is this one's own."""
        first = min(self.namesakes(one), key=_seniority, default=one)
        return first.name if first.name != one.name else ""


def _key(one: Job | Pool) -> tuple[str, str]:
    return one.namespace, one.id.lower()


def _seniority(one: Job | Pool) -> tuple[bool, bool, Any, str]:
    """Who has begun keeps its id; then who is named like it: it had no say in what others set as their id."""
    return (
        names.FINALIZER not in one.metadata.finalizers,
        one.spec.id is not None,
        one.metadata.creation_timestamp,
        one.name,
    )
