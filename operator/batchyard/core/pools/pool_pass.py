"""The pool's part of one look: tasks to nodes, nodes in and out, their status. Calls the rules in order, has none of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from batchyard.api import names
from batchyard.api.pool import Pool
from batchyard.api.states import NodeFillType
from batchyard.core.actions import Action, Manifest, hold
from batchyard.core.facts import PodFacts
from batchyard.core.jobs import misfits
from batchyard.core.jobs.job_pass import JobPass
from batchyard.core.load import IDLE, Load
from batchyard.core.pods.pool import daemon_set
from batchyard.core.pools import daemon_sets, membership, node_status, pool_ending, pool_status, resets
from batchyard.core.pools.fleet import Fleet
from batchyard.core.pools.pool_view import PoolView
from batchyard.core.snapshot import Rules, Snapshot
from batchyard.core.tasks import displacement, forgotten, kept_logs
from batchyard.core.tasks.placements import Candidate, plan_placements, queue
from batchyard.core.tasks.preemption import Displaced
from batchyard.core.tasks.scheduling import Placement, Readiness
from batchyard.core.tasks.scheduling import place as fill


def _candidates(pool: Pool, jobs: Iterable[JobPass]) -> Iterator[Candidate]:
    """Jobs that may have tasks started now: with steps, too, that the pool can run."""
    for found in jobs:
        if found.job is not None and found.starts_tasks and not misfits.of_job(found.job, pool):
            yield Candidate(found.view, found.job, found.records)


@dataclass(frozen=True, slots=True)
class Placed:
    """Who starts where, and who goes for that."""

    placements: Sequence[Placement] = ()
    displaced: Sequence[Displaced] = ()


def place(view: PoolView, jobs: Sequence[JobPass]) -> Placed:
    if (pool := view.open) is None:
        return Placed()
    room = displacement.room(view.free, jobs)
    if not (room or any(slots > 0 for slots in view.free.values())):
        return Placed()
    pack = pool.spec.task_scheduling_policy.node_fill_type is NodeFillType.PACK
    queues = [queue(candidate, pool, view.s.now) for candidate in _candidates(pool, jobs)]
    return Placed(fill(view.free, queues, pack=pack, room=room), room.displaced())


def actions(view: PoolView, jobs: Sequence[JobPass], placed: Placed) -> Iterator[Action]:
    s, pool, placements = view.s, view.s.pool, placed.placements
    if pool is None:
        return
    load = _with_due(view.load, placements)
    if view.open is not None:
        yield from plan_placements(placements, _candidates(pool, jobs), pool, s.nodes, now=s.now)
    yield from displacement.plan_marks(placed.displaced)
    yield from forgotten.plan_forgotten(s)
    yield from kept_logs.plan_kept(s)
    if pool.metadata.deleting:
        yield from pool_ending.plan_deleting(s, pool, view.nodes)
    elif names.FINALIZER not in pool.metadata.finalizers:
        yield from hold(pool)
    else:
        if view.open is not None:
            yield from membership.plan_members(s, pool, view.nodes, view.load)
        yield from pool_ending.plan_leaving(s, pool, view.nodes, view.busy)
        yield from resets.plan_resets(s, view.nodes, load.keys() | view.busy)
        yield from _daemon_sets(s, pool, view.nodes)
    yield from pool_ending.plan_tidy_wipe_pods(s, view.nodes)
    yield from node_status.plan_status(view.nodes, load, s.now, s.memory)
    yield from pool_status.plan_status(s, pool, view.nodes, load)


def _with_due(load: Mapping[str, Load], placements: Iterable[Placement]) -> dict[str, Load]:
    """What runs, and what starts in this very pass."""
    due = dict(load)
    for placement in placements:
        if placement.readiness is Readiness.READY:
            due[placement.node] = due.get(placement.node, IDLE).plus(placement.task.required_slots)
    return due


def _daemon_sets(s: Snapshot, pool: Pool, nodes: Fleet) -> Iterator[Action]:
    """One for each kind of node; a node that is being reset is left out until it is wiped."""
    if misfits.of_pool(pool):  # nothing new begins on its nodes; they can go all the same
        for kind, on in _listed(nodes, s.wipe_pods).items():
            found = s.daemon_sets.get(names.pool_daemon_set(pool.name, dedicated=kind))
            yield from daemon_sets.narrow(found, on, pool.uid)
        return
    specified = s.memory.settle(Pool.specified, pool)
    for wanted in s.memory.ask(_wanted, specified, nodes, s.wipe_pods, s.rules):
        found = s.daemon_sets.get(wanted.manifest["metadata"]["name"])
        if wanted.nodes or found is not None:
            yield from daemon_sets.bring_up(found, wanted.manifest, pool.uid)


class _Wanted(NamedTuple):
    nodes: int
    manifest: Manifest


def _wanted(pool: Pool, nodes: Fleet, wipe_pods: Mapping[str, PodFacts], rules: Rules) -> tuple[_Wanted, ...]:
    listed = _listed(nodes, wipe_pods)
    return tuple(_Wanted(len(on), daemon_set(pool, on, rules, dedicated=kind)) for kind, on in listed.items())


def _listed(nodes: Fleet, wipe_pods: Mapping[str, PodFacts]) -> dict[bool, list[str]]:
    """The nodes, by kind, that the pool's Pod is to be on."""
    out = {name for name in nodes.resetting if not resets.wiped(nodes[name], wipe_pods)}
    return {kind: [name for name in nodes.of_kind(dedicated=kind) if name not in out] for kind in (True, False)}
