"""What a job still asks for and what its pool has, in numbers, for the sentence that says why it waits. Decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from batchyard.api.job import Job
from batchyard.api.pool import Pool
from batchyard.api.states import JobState, NodeState
from batchyard.core.jobs import misfits
from batchyard.core.jobs.records import Record
from batchyard.core.jobs.waiting import Demand, Seats, Why, count, why
from batchyard.core.pools.pool_view import PoolView
from batchyard.core.snapshot import JobView
from batchyard.core.tasks import unplaceable
from batchyard.core.tasks.scheduling import Placement
from batchyard.core.tasks.verdicts import image_trouble


def why_waiting(
    pool: PoolView, view: JobView, job: Job, records: Mapping[str, Record], placements: Sequence[Placement]
) -> Why | None:
    """None when nothing of the job waits. `placements` are those of this pass, of all jobs."""
    if trouble := _unusable(pool, job):
        what, _, step = trouble.rpartition("; ")
        return Why("Misconfigured", f"{what}; {count(view.tasks.counts.open, 'task')} waiting; {step}")
    found, started = pool.s.pool, view.task_pods.running + sum(placement.job == job.name for placement in placements)
    demand = _demand(pool, view, job, started)
    told = demand.images or demand.unplaceable or (demand.troubles and view.tasks.counts.open)
    if found is None or not (demand.waiting or told):
        return None
    return why(_seats(pool, view, found, records, placements, demand.smallest), demand)


def _unusable(pool: PoolView, job: Job) -> str:
    """Why the pool runs nothing of this job, and what to do about it."""
    name, found = job.spec.pool_info.pool_id, pool.s.pool
    if found is None:
        return f"BatchPool {name!r} does not exist in namespace {pool.s.namespace!r}; create it, the job then goes on by itself"
    if found.metadata.deleting:
        return f"BatchPool {name!r} is being deleted; create it again, the job then goes on by itself"
    if pool.s.clashes_with:
        return f"BatchPool {name!r} has the id of {pool.s.clashes_with!r} but for case; name that one"
    return misfits.of_job(job, found)


def _image_troubles(view: JobView) -> Iterator[str]:
    preparing = (("prep", pod) for pod in view.preparation_pods.values())
    for container, pod in (*(("task", pod) for pod in view.task_pods.others.values() if not pod.ended), *preparing):
        if trouble := image_trouble(pod, container):
            yield f"node {pod.node}: {trouble}"


def _seats(
    pool: PoolView,
    view: JobView,
    found: Pool,
    records: Mapping[str, Record],
    placements: Sequence[Placement],
    need: int,
) -> Seats:
    words = pool.nodes.here.words(pool.load)
    failed, preparing = view.memory.ask(_prepared, records)
    taken = Counter[str]()
    for placement in placements:
        taken[placement.node] += placement.task.required_slots
    roomy = [(name, free) for name, free in pool.free.items() if free >= need]
    return Seats(
        pool=found.name,
        target=found.spec.target_dedicated_nodes + found.spec.target_low_priority_nodes,
        nodes=len(pool.nodes.here),
        serving=len(pool.free),
        slots_per_node=found.spec.task_slots_per_node,
        fitting=sum(free - taken[name] >= need and name not in failed for name, free in roomy),
        starting=words[NodeState.CREATING] + words[NodeState.STARTING] + words[NodeState.WAITING_FOR_START_TASK],
        start_task_failed=words[NodeState.START_TASK_FAILED],
        unready=words[NodeState.UNKNOWN] + words[NodeState.OFFLINE],
        preparing=preparing,
        excluded=sum(name in pool.free for name in failed),
    )


def _prepared(records: Mapping[str, Record]) -> tuple[frozenset[str], int]:
    """Where tasks wait for their preparation: the nodes on which it has failed, and on how many it has not ended."""
    waited_for = {name: record for name, record in records.items() if record.waits_for_preparation and not record.stale}
    failed = frozenset(name for name, record in waited_for.items() if record.failed)
    return failed, sum(not (record.prepared or record.failed) for record in waited_for.values())


def _demand(pool: PoolView, view: JobView, job: Job, started: int) -> Demand:
    counts, limit = view.tasks.counts, job.spec.max_parallel_tasks
    return Demand(
        waiting=max(0, counts.open - started),
        blocked=counts.blocked,
        hopeless=counts.hopeless,
        smallest=min(view.tasks.waiting, default=1),
        largest=max(view.tasks.waiting, default=1),
        at_limit=limit if 0 <= limit <= started else 0,
        outranked_by=sum(_startable(other) for other in pool.s.jobs if _outranks(other.job, job)),
        images=[*_image_troubles(view)],
        unplaceable=[
            f"node {pod.node}: {pod.unplaceable}" for pod in view.task_pods.others.values() if unplaceable.waits(pod)
        ],
        troubles=view.troubles,
    )


def _outranks(other: Job | None, job: Job) -> bool:
    return other is not None and other.spec.priority > job.spec.priority and other.status.state is JobState.ACTIVE


def _startable(view: JobView) -> int:
    """Tasks that would start if there were room."""
    return max(0, view.tasks.counts.startable - view.task_pods.running)
