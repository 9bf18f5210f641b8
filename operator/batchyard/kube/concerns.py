"""Which pools a job concerns, both ways round: work on a job is done in the passes of these pools. Holds, decides nothing."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

Key = tuple[str, str]
"""Namespace and name: of a pool that objects concern, or of the object itself."""


class Concerns:
    def __init__(self) -> None:
        self._pools: dict[Key, AbstractSet[str]] = {}
        self._jobs: dict[Key, set[str]] = {}

    def move(self, job: Key, pools: AbstractSet[str]) -> set[Key]:
        """The job concerns these pools from now on; returns them and those it concerned before."""
        namespace, name = job
        before = self._pools.pop(job, frozenset())
        if pools:
            self._pools[job] = pools
        for pool in before - pools:
            self._jobs[namespace, pool].discard(name)
            if not self._jobs[namespace, pool]:
                del self._jobs[namespace, pool]
        for pool in pools - before:
            self._jobs.setdefault((namespace, pool), set()).add(name)
        return {(namespace, pool) for pool in before | pools}

    def jobs(self, pool: Key) -> AbstractSet[str]:
        return self._jobs.get(pool, frozenset())

    @property
    def pools(self) -> AbstractSet[Key]:
        """Those that any job concerns, present or not."""
        return self._jobs.keys()
