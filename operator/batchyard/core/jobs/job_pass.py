"""One job's part of one look: its end, its steps on nodes, its status. Calls the rules in order, has none of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from batchyard.api import names
from batchyard.api.job import Job
from batchyard.api.job_node import JobNode
from batchyard.api.pool import Pool
from batchyard.api.states import JobState
from batchyard.core.actions import Action, hold
from batchyard.core.jobs import (
    departure,
    ending,
    inline_tasks,
    job_actions,
    job_status,
    namesakes,
    preparation,
    supply,
    withdrawal,
)
from batchyard.core.jobs.lifecycle import LIVES, PAUSED, Phase, fate, phase, starts_tasks
from batchyard.core.jobs.records import Record, records
from batchyard.core.pools.fleet import Fleet
from batchyard.core.pools.pool_view import PoolView
from batchyard.core.snapshot import JobView, Snapshot
from batchyard.core.tasks import task_progress
from batchyard.core.tasks.scheduling import Placement, Readiness


@dataclass(frozen=True, slots=True)
class JobPass:
    """What one look at a job found. `job` is None when only its leavings are there, or are in this pool."""

    view: JobView
    job: Job | None
    phase: Phase
    records: Mapping[str, Record]
    actions: tuple[Action, ...] = ()

    @property
    def starts_tasks(self) -> bool:
        """Active, the only one of its id, and ours to clean up after."""
        if self.job is None or names.FINALIZER not in self.job.metadata.finalizers:
            return False
        return starts_tasks(self.job, self.phase) and not self.view.clashes_with


def judge(pool: PoolView, view: JobView) -> JobPass:
    s, job = pool.s, view.job
    pool_uid = s.pool.uid if s.pool is not None and not s.pool.metadata.deleting else ""
    left, paused = frozenset(_left(pool, view)), frozenset(pool.nodes.resetting)
    of = view.memory.settle(Job.specified, job) if job is not None else None
    found = view.memory.ask(records, view.nodes, of, s.nodes, pool_uid if job is not None else "", left, paused)
    if job is None:
        return JobPass(view, None, Phase(JobState.DELETING), found, tuple(_leavings(s, view, found)))
    if job.spec.pool_info.pool_id != s.name:
        return JobPass(view, None, Phase(JobState.ACTIVE), found, tuple(departure.plan_departure(s, view, found)))
    if view.clashes_with:
        return JobPass(view, job, Phase(JobState.ACTIVE), found)
    now_in = phase(view, job, found, s)
    return JobPass(view, job, now_in, found, tuple(_actions(pool, view, job, now_in, found)))


def _left(pool: PoolView, view: JobView) -> Iterator[str]:
    """Nodes that the job has lost, or where it came back to a pool that it was leaving: what has begun there is brought to its end first."""
    job = view.job
    yield from filter(pool.left, view.memory.ask(_outside, view.nodes, pool.nodes))
    if job is None or job.metadata.deleting or job.status.state not in LIVES:
        return
    if job.spec.pool_info.pool_id == pool.s.name:
        yield from view.memory.ask(ending.begun, view.nodes, view.release_pods)


def _outside(nodes: Mapping[str, JobNode], fleet: Fleet) -> list[str]:
    """Nodes with a record that are not in the pool, or are on their way out or to be wiped."""
    return [name for name in nodes if name not in fleet or name in fleet.deleting or name in fleet.resetting]


def _actions(pool: PoolView, view: JobView, job: Job, now_in: Phase, found: Mapping[str, Record]) -> Iterator[Action]:
    s = pool.s
    if now_in.lives:
        yield from hold(job)
    # A step of the end counts only when the state that forbids new tasks is written: both are never in one pass.
    if now_in.state is job.status.state or now_in.state is JobState.DELETING:
        yield from now_in.steps
    # First, for it is said once: of a range new outcomes may come for hours, and one write is made at a time.
    yield from task_progress.plan_attention(view, job, now=s.now)
    yield from task_progress.plan_pods(view, job, pool, fate(job))
    yield from withdrawal.plan_preparing(view, job, now=s.now)
    if job.status.state in PAUSED:
        yield from job_actions.plan_heard(view, job, now=s.now)
    yield from ending.plan_tidy_wipe_pods(view, found)
    if now_in.state is not JobState.DELETING:
        wanted = pool.free if now_in.schedules else ()
        yield from ending.plan_stale(view, found, wanted, now=s.now, rules=s.rules)
    if now_in.lives:
        yield from inline_tasks.plan_inline_tasks(view, job)
        if s.pool is not None:
            yield from preparation.plan_results(view, found, now=s.now, rules=s.rules)
            yield from preparation.plan_daemon_set(view, s.memory.settle(Pool.specified, s.pool), found, s.rules)


def _leavings(s: Snapshot, view: JobView, found: Mapping[str, Record]) -> Iterator[Action]:
    """What a job left behind whose finalizer was taken off by hand: stopped, wiped, closed."""
    yield from ending.plan_stop(view)
    for pod in (*view.task_pods, *view.kept_pods, *view.release_pods.values()):
        if pod.ended:
            yield from ending.let_go(pod)
    yield from ending.plan_unprepare(view)
    yield from ending.plan_stale(view, found, (), now=s.now, rules=s.rules)
    yield from ending.plan_tidy_wipe_pods(view, found)


def report(pool: PoolView, found: JobPass, placements: Sequence[Placement]) -> Iterator[Action]:
    """Status and conditions of the job, with what this very pass starts counted as running."""
    s, view, job = pool.s, found.view, found.job
    if job is None:
        return
    if view.clashes_with:
        yield from namesakes.plan_status(job, view.clashes_with, now=s.now)
        return
    mine = [placement for placement in placements if placement.job == job.name]
    started = sum(placement.readiness is Readiness.READY for placement in mine)
    progress = job_status.Progress(
        preparing=len(mine) - started,
        running=view.task_pods.running + started,
        why=supply.why_waiting(pool, view, job, found.records, placements) if found.phase.schedules else None,
    )
    yield from job_status.plan_status(view, job, found.phase, found.records, progress, s.now)
