"""One look at a pool and its jobs: what to write now and when to look again. Calls the rules in order, has none of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Protocol, TypeVar

from batchyard.api import names
from batchyard.api.job import Job
from batchyard.api.pool import Pool
from batchyard.api.states import JobState
from batchyard.api.unsupported import unsupported
from batchyard.core import (
    ending,
    inline_tasks,
    job_status,
    membership,
    misfits,
    pool_ending,
    pool_status,
    preparation,
    task_progress,
    wakes,
)
from batchyard.core.actions import Action, Apply, Create, Delete, Emit, Patch, Plan, patch_finalizers, patch_status
from batchyard.core.conditions import Observed, merge
from batchyard.core.dependencies import satisfied
from batchyard.core.lifecycle import Phase, phase, ref
from batchyard.core.placements import Candidate, decide, free_slots, plan_placements
from batchyard.core.pods.pool import daemon_set
from batchyard.core.records import Record, records
from batchyard.core.scheduling import Placement, Readiness
from batchyard.core.snapshot import JobView, Snapshot
from batchyard.core.verdicts import image_trouble
from batchyard.core.waiting import Demand, Seats, Why, why

T = TypeVar("T")


class Guard(Protocol):
    """Runs one part of the plan under the name of the object that it is about; None if that part is to be left out."""

    def __call__(self, about: str, part: Callable[[], T]) -> T | None: ...


LOOK_AT_MOST = 1000
"""Of how many waiting tasks the reasons are looked at."""


@dataclass(frozen=True, slots=True)
class JobPass:
    """What one look at a job found, for the pool's part of the plan."""

    view: JobView
    job: Job
    phase: Phase
    records: dict[str, Record]
    actions: tuple[Action, ...]


def plan(s: Snapshot, guard: Guard) -> Plan:
    passes = [found for view in s.jobs if (found := guard(f"{s.namespace}/{view.name}", partial(_judge, s, view)))]
    actions: list[Action] = [action for found in passes for action in found.actions]
    actions += [action for view in s.jobs if view.job is None for action in _orphans(s, view)]
    placements = guard(f"{s.namespace}/{s.name}", partial(_place, s, passes)) or []
    if s.pool is not None:
        actions += guard(f"{s.namespace}/{s.name}", partial(_pool, s, s.pool, passes, placements)) or []
    for found in passes:
        actions += guard(f"{s.namespace}/{found.job.name}", partial(_report, s, found, placements)) or []
    return Plan(tuple(_one_write_per_object(actions)), wakes.earliest(s, [p.records for p in passes]))


def _judge(s: Snapshot, view: JobView) -> JobPass | None:
    job = view.job
    if job is None:
        return None
    pool_uid = s.pool.uid if s.pool is not None and not s.pool.metadata.deleting else ""
    found = records(view.nodes, job, s.nodes, pool_uid)
    if view.clashes_with:
        return JobPass(view, job, Phase(JobState.ACTIVE), found, ())
    now_in = phase(view, job, found, s)
    return JobPass(view, job, now_in, found, tuple(_job_actions(s, view, job, now_in, found)))


def _job_actions(s: Snapshot, view: JobView, job: Job, now_in: Phase, found: dict[str, Record]) -> Iterator[Action]:
    if names.FINALIZER not in job.metadata.finalizers and now_in.schedules:
        yield patch_finalizers(ref(job), [*job.metadata.finalizers, names.FINALIZER])
    # A step of the end counts only when the state that forbids new tasks is written: both are never in one pass.
    if now_in.state is job.status.state or now_in.state is JobState.DELETING:
        yield from now_in.steps
    leaving = s.pool is None or s.pool.metadata.deleting
    yield from task_progress.plan_pods(
        view, job, ending=not now_in.schedules, requeue=leaving, now=s.now, rules=s.rules
    )
    yield from task_progress.plan_attention(view, job, now=s.now)
    yield from ending.plan_tidy_wipe_pods(view, found)
    if now_in.schedules:
        yield from inline_tasks.plan_inline_tasks(view, job)
        yield from ending.plan_stale(view, found, now=s.now, rules=s.rules)
        if s.pool is not None:
            yield from preparation.plan_results(view, found, now=s.now, rules=s.rules)
            yield from preparation.plan_daemon_set(view, s.pool, found, s.rules)


def _orphans(s: Snapshot, view: JobView) -> Iterator[Action]:
    """What a job left behind whose finalizer was taken off by hand: stopped, wiped, closed."""
    found = records(view.nodes, None, s.nodes, "")
    yield from ending.plan_stop(view)
    for pod in view.task_pods:
        if pod.ended:
            yield from ending.let_go(pod)
    for pod in view.release_pods.values():
        if pod.ended:
            yield from ending.let_go(pod)
    yield from ending.plan_unprepare(view)
    yield from ending.plan_stale(view, found, now=s.now, rules=s.rules)
    yield from ending.plan_tidy_wipe_pods(view, found)


def _candidates(s: Snapshot, passes: Iterable[JobPass]) -> list[Candidate]:
    """Jobs that may start tasks: active, ours to clean up after, and with a pool that stays."""
    if s.pool is None or s.pool.metadata.deleting or names.FINALIZER not in s.pool.metadata.finalizers:
        return []
    return [
        Candidate(p.view, p.job, p.records)
        for p in passes
        if p.phase.schedules
        and not p.view.clashes_with
        and names.FINALIZER in p.job.metadata.finalizers
        and not misfits.of_job(p.job, s.pool)
    ]


def _serving(s: Snapshot, pool: Pool) -> list[str]:
    members = membership.present(s)
    return [
        name for name, member in members.items() if membership.serves(member, s.nodes.get(name), s.pods.get(name), pool)
    ]


def _place(s: Snapshot, passes: list[JobPass]) -> list[Placement]:
    candidates = _candidates(s, passes)
    if s.pool is None or not candidates:
        return []
    free = free_slots(_serving(s, s.pool), s.jobs, s.pool.spec.task_slots_per_node)
    return decide(candidates, free, s.pool)


def _pool(s: Snapshot, pool: Pool, passes: list[JobPass], placements: list[Placement]) -> list[Action]:
    return [*_pool_actions(s, pool, passes, placements)]


def _pool_actions(s: Snapshot, pool: Pool, passes: list[JobPass], placements: list[Placement]) -> Iterator[Action]:
    running = _running(s, placements)
    yield from plan_placements(placements, _candidates(s, passes), pool, s.nodes, now=s.now)
    yield from _surplus(s)
    if pool.metadata.deleting:
        for view in s.jobs:
            yield from ending.plan_stop(view)
        yield from pool_ending.plan_deleting(s, pool)
    elif names.FINALIZER not in pool.metadata.finalizers:
        yield patch_finalizers(pool_ending.ref(pool), [*pool.metadata.finalizers, names.FINALIZER])
    else:
        used = {name: 1 for found in passes for name in found.records} | {
            name: tasks for name, (tasks, _) in running.items()
        }
        yield from membership.plan_members(s, pool, used)
        yield from pool_ending.plan_leaving(s, pool)
        yield from _daemon_set(s, pool)
        yield from membership.plan_status(s, pool, running)
    yield from pool_ending.tidy_wipe_pods(s)
    yield from pool_status.plan_status(s, pool, running, unsupported(pool.spec))


def _daemon_set(s: Snapshot, pool: Pool) -> Iterator[Action]:
    nodes = sorted(membership.present(s))
    if misfits.of_pool(pool) or (not nodes and s.daemon_set is None):
        return
    manifest = daemon_set(pool, nodes, s.rules)
    found = s.daemon_set
    if found is None or (
        found.owner_uid == pool.uid
        and not found.deleting
        and found.spec_hash != manifest["metadata"]["annotations"][names.ANNOTATION_HASH]
    ):
        yield Apply("DaemonSet", manifest)


def _running(s: Snapshot, placements: Iterable[Placement]) -> dict[str, tuple[int, int]]:
    """Tasks and slots in use by node, those that start in this very pass included."""
    running: dict[str, tuple[int, int]] = {}
    live = [
        (pod.node, int(pod.labels.get(names.LABEL_SLOTS, "1")))
        for view in s.jobs
        for pod in view.task_pods
        if not pod.ended
    ]
    due = [(p.node, p.task.required_slots) for p in placements if p.readiness is Readiness.READY]
    for node, slots in live + due:
        tasks, taken = running.get(node, (0, 0))
        running[node] = tasks + 1, taken + slots
    return running


def _surplus(s: Snapshot) -> Iterator[Action]:
    """Of the Pods kept for their logs the oldest go first when they are too many."""
    kept = [
        pod
        for view in s.jobs
        for pod in view.task_pods
        if pod.ended and not pod.finalizers and pod.deleting_since is None
    ]
    kept.sort(key=lambda pod: pod.created)
    for pod in kept[: max(0, len(kept) - s.rules.keep_pods_per_pool)]:
        yield Delete(pod.ref)


def _report(s: Snapshot, found: JobPass, placements: Iterable[Placement]) -> list[Action]:
    return [*_report_actions(s, found, placements)]


def _report_actions(s: Snapshot, found: JobPass, placements: Iterable[Placement]) -> Iterator[Action]:
    view, job = found.view, found.job
    if view.clashes_with:
        yield from _clash(s, view, job)
        return
    mine = [p for p in placements if p.job == job.name]
    live = sum(not pod.ended for pod in view.task_pods)
    started = sum(p.readiness is Readiness.READY for p in mine)
    progress = job_status.Progress(
        preparing=len(mine) - started,
        running=live + started,
        why=_why(s, found, mine, live) if found.phase.schedules else None,
        unsupported=tuple(unsupported(job.spec)),
        created=tuple(inline_tasks.condition(view, job)),
    )
    yield from job_status.plan_status(view, job, found.phase, found.records, progress, s.now)


def _clash(s: Snapshot, view: JobView, job: Job) -> Iterator[Action]:
    message = f"job {view.clashes_with!r} has the same id but for case; ids are unique without regard to case, choose another; this job never runs"
    observed = [
        Observed("Admitted", status=False, reason="JobExists", message=message),
        Observed("Stalled", status=True, reason="JobExists", message=message),
    ]
    before = job.status.to_wire().get("conditions", [])
    desired = merge(before, observed, now=s.now, generation=job.metadata.generation)
    if desired != before or job.status.observed_generation != job.metadata.generation:
        yield patch_status(ref(job), {"observedGeneration": job.metadata.generation, "conditions": desired})


def _why(s: Snapshot, found: JobPass, mine: list[Placement], live: int) -> Why | None:
    view, job = found.view, found.job
    name = job.spec.pool_info.pool_id
    if s.pool is None:
        return Why(
            "Misconfigured",
            f"BatchPool {name!r} does not exist in namespace {s.namespace!r}; create it, the job then goes on by itself",
        )
    if s.pool.metadata.deleting:
        return Why(
            "Misconfigured", f"BatchPool {name!r} is being deleted; create it again, the job then goes on by itself"
        )
    if misfit := misfits.of_job(job, s.pool):
        return Why("Misconfigured", f"{misfit}; no task of the job starts before that")
    images = [f"node {pod.node}: {t}" for pod in view.task_pods if not pod.ended and (t := image_trouble(pod, "task"))]
    images += [f"node {node}: {t}" for node, pod in view.preparation_pods.items() if (t := image_trouble(pod, "prep"))]
    waiting = len(view.tasks.waiting) - live - len(mine)
    if waiting <= 0 and not images and not (view.troubles and view.tasks.counts.open):
        return None
    return why(
        name,
        s.pool.spec.target_dedicated_nodes,
        _seats(s, s.pool, found),
        _demand(found, waiting, mine, live),
        images=images,
        troubles=view.troubles,
    )


def _seats(s: Snapshot, pool: Pool, found: JobPass) -> Seats:
    serving = _serving(s, pool)
    free = free_slots(serving, s.jobs, pool.spec.task_slots_per_node)
    words = [
        membership.state(m, s.nodes.get(n), s.pods.get(n), pool, running=0) for n, m in membership.present(s).items()
    ]
    return Seats(
        nodes=len(words),
        serving=len(serving),
        slots_per_node=pool.spec.task_slots_per_node,
        free_slots=sum(max(0, slots) for slots in free.values()),
        starting=sum(word in ("creating", "starting", "waitingforstarttask") for word in words),
        start_task_failed=sum(word == "starttaskfailed" for word in words),
        unready=sum(word in ("unknown", "offline") for word in words),
        preparing=sum(not r.prepared and not r.failed for r in found.records.values() if r.waits_for_preparation),
        excluded=sum(r.failed for name, r in found.records.items() if name in serving and r.waits_for_preparation),
    )


def _demand(found: JobPass, waiting: int, mine: list[Placement], live: int) -> Demand:
    view, job = found.view, found.job
    placed = {p.task.ref.uid for p in mine}
    looked_at = [t for t in islice(view.tasks.waiting, LOOK_AT_MOST) if t.ref.uid not in placed]
    blocked = sum(not satisfied(t, view.tasks.succeeded, view.tasks.succeeded_numbers) for t in looked_at)
    limit = job.spec.max_parallel_tasks
    return Demand(
        waiting=max(waiting, 0),
        blocked=blocked,
        largest=max((t.required_slots for t in looked_at), default=0),
        at_limit=limit if 0 <= limit <= live + len(mine) else 0,
    )


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
