"""One look at a pool and its jobs: what to write now and when to look again. Calls the passes in order, has no rule of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Protocol, TypeVar

from batchyard.core import wakes
from batchyard.core.actions import Action, Apply, Create, Delete, Emit, Patch, Plan
from batchyard.core.jobs import job_pass
from batchyard.core.pools import pool_pass
from batchyard.core.pools.pool_view import look_at
from batchyard.core.snapshot import Snapshot

T = TypeVar("T")


class Guard(Protocol):
    """Runs one part of the plan under a name that no other part has; None if that part is to be left out."""

    def __call__(self, about: str, part: Callable[[], T]) -> T | None: ...


def plan(s: Snapshot, guard: Guard) -> Plan:
    about, pool = f"pool {s.namespace}/{s.name}", look_at(s)
    s = pool.s
    judged = (guard(f"job {s.namespace}/{view.name}", partial(job_pass.judge, pool, view)) for view in s.jobs)
    jobs = [found for found in judged if found is not None]
    placed = guard(f"placing in {about}", partial(pool_pass.place, pool, jobs)) or pool_pass.Placed()
    actions: list[Action] = [action for found in jobs for action in found.actions]
    actions += guard(about, partial(_listed, pool_pass.actions, pool, jobs, placed)) or []
    for found in jobs:
        report = partial(_listed, job_pass.report, pool, found, placed.placements)
        actions += guard(f"status of job {s.namespace}/{found.view.name}", report) or []
    return Plan(
        tuple(_one_write_per_object(_possible(s, actions))),
        wakes.earliest(s, [(found.view, found.records) for found in jobs]),
    )


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
