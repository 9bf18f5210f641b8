"""One look at a pool and its jobs: what to write now and when to look again. Calls the passes in order, has no rule of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

from typing_extensions import override

from batchyard.core import wakes
from batchyard.core.actions import Action, Apply, Create, Delete, Emit, Patch, Plan
from batchyard.core.jobs import job_pass
from batchyard.core.pools import pool_pass
from batchyard.core.pools.pool_view import look_at
from batchyard.core.snapshot import Snapshot

T = TypeVar("T")


class About(NamedTuple):
    """What a part of a plan is for. No two parts of a plan are about the same."""

    what: str
    kind: str
    namespace: str
    name: str
    pool: str

    @override
    def __str__(self) -> str:
        return f"{self.what} {self.namespace}/{self.name}"


class Guard(Protocol):
    """Runs one part of the plan; None if that part is to be left out."""

    def __call__(self, about: About, part: Callable[[], T]) -> T | None: ...


def plan(s: Snapshot, guard: Guard) -> Plan:
    pool = look_at(s)
    s = pool.s
    judged = (guard(_of_job("job", s, view.name), partial(job_pass.judge, pool, view)) for view in s.jobs)
    jobs = [found for found in judged if found is not None]
    placed = guard(_of_pool("placing in pool", s), partial(pool_pass.place, pool, jobs)) or pool_pass.Placed()
    actions: list[Action] = [action for found in jobs for action in found.actions]
    actions += guard(_of_pool("pool", s), partial(_listed, pool_pass.actions, pool, jobs, placed)) or []
    for found in jobs:
        report = partial(_listed, job_pass.report, pool, found, placed.placements)
        actions += guard(_of_job("status of job", s, found.view.name), report) or []
    return Plan(
        tuple(_one_write_per_object(_possible(s, actions))),
        wakes.earliest(s, [(found.view, found.records) for found in jobs]),
    )


def _of_job(what: str, s: Snapshot, name: str) -> About:
    return About(what, "BatchJob", s.namespace, name, s.name)


def _of_pool(what: str, s: Snapshot) -> About:
    return About(what, "BatchPool", s.namespace, s.name, s.name)


def _listed(part: Callable[..., Iterable[Action]], *about: object) -> list[Action]:
    """A guard can only catch what fails while it looks on."""
    return [*part(*about)]


def _possible(s: Snapshot, actions: Iterable[Action]) -> Iterator[Action]:
    """A namespace that ends takes no new objects; asking again and again only fills the API server's log."""
    for action in actions:
        new = isinstance(action, Create | Apply) and action.manifest["metadata"]["namespace"] == s.namespace
        if not (new and s.namespace_ending):
            yield action


def _one_write_per_object(actions: Iterable[Action]) -> Iterator[Action]:
    """The first write to an object is made now; what else there is to write is seen again in the next pass."""
    written: set[tuple[str, str, str]] = set()
    for action in actions:
        match action:
            case Patch(ref=target) | Delete(ref=target):
                key = target.kind, target.namespace, target.name
            case Create(kind=kind, manifest=manifest) | Apply(kind=kind, manifest=manifest):
                key = kind, manifest["metadata"]["namespace"], manifest["metadata"]["name"]
            case Emit():
                yield action
                continue
        if key not in written:
            written.add(key)
            yield action
