"""From a decision of the scheduler to its next write: record, then mark, then Pod, never two at once (design section 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from batchyard.api import names
from batchyard.api.job import Job
from batchyard.api.pool import Pool
from batchyard.api.task import TaskSpec
from batchyard.core.actions import Action, Create, Manifest, patch_status, ref
from batchyard.core.facts import NodeFacts, PodFacts, TaskFacts, Unit
from batchyard.core.jobs import misfits
from batchyard.core.jobs.preparation import started
from batchyard.core.jobs.records import Record
from batchyard.core.pods.environment import job_directory
from batchyard.core.pods.job import task_pod
from batchyard.core.pods.parts import owned_by
from batchyard.core.snapshot import JobView
from batchyard.core.tasks import attempts, ranges, unplaceable
from batchyard.core.tasks.patience import LASTING_SECONDS
from batchyard.core.tasks.refusals import misconfigured, refused
from batchyard.core.tasks.scheduling import Placement, Queue, Readiness
from batchyard.core.tasks.task_progress import node_info
from batchyard.core.tasks.telling import tell


@dataclass(frozen=True, slots=True)
class Candidate:
    """A job that may have tasks started now."""

    view: JobView
    job: Job
    records: Mapping[str, Record]

    @property
    def readiness(self) -> Mapping[str, Readiness]:
        return self.view.memory.ask(_readiness, self.records, self.view.preparation_pods)


def queue(candidate: Candidate, pool: Pool, now: float) -> Queue:
    view, job = candidate.view, candidate.job
    # A Pod that ended but is not yet written down still stands for its task.
    taken = view.task_pods.live.keys() | attempts.to_write_down(view)
    created = job.metadata.creation_timestamp
    limit = job.spec.max_parallel_tasks
    return Queue(
        job=job.name,
        priority=job.spec.priority,
        created=created.timestamp() if created else 0,
        tasks={slots: _startable(line, view, job, taken, now) for slots, line in view.tasks.waiting.items()},
        limit=None if limit < 0 else max(0, limit - len(view.task_pods.live)),
        readiness=candidate.readiness,
        busy=view.task_pods.load,
        displaces=not view.troubles,
        fits=_fits(view, pool),
    )


def _fits(view: JobView, pool: Pool) -> Callable[[TaskFacts], bool]:
    too_much = {task.asks for task in view.tasks.avoiding.values()}
    known: dict[str, bool] = {}  # of a range all integers have one spec

    def fits(task: TaskFacts) -> bool:
        uid = task.ref.uid
        if uid not in known:
            known[uid] = task.asks not in too_much and not misfits.of_task(_spec(task), pool)
        return known[uid]

    return fits


def _spec(task: TaskFacts) -> TaskSpec:
    return TaskSpec.model_validate_json(task.spec)


def _readiness(records: Mapping[str, Record], pods: Mapping[str, PodFacts]) -> dict[str, Readiness]:
    return {name: record.readiness(preparation_started=started(pods.get(name))) for name, record in records.items()}


def _startable(
    line: Iterable[TaskFacts], view: JobView, job: Job, taken: AbstractSet[Unit], now: float
) -> Iterator[TaskFacts]:
    # Most that stand in front run already.
    here = (t for t in line if t.indexes is not None or t.unit not in taken)
    may_start = (t for t in unplaceable.past(here, now) if not (t.wants_end or refused(t, job, view.tasks) is not None))
    return ranges.one_by_one(may_start, taken)


def plan_placements(
    placements: Iterable[Placement],
    candidates: Iterable[Candidate],
    pool: Pool,
    nodes: Mapping[str, NodeFacts],
    *,
    now: float,
) -> Iterator[Action]:
    """One write per placement and, per job and node, one record or mark."""
    by_job = {candidate.job.name: candidate for candidate in candidates}
    done: set[tuple[str, str]] = set()
    preparing: set[str] = set()
    specs: dict[str, TaskSpec] = {}
    for placement in placements:
        candidate, key = by_job[placement.job], (placement.job, placement.node)
        if (uid := placement.task.ref.uid) not in specs:
            specs[uid] = _spec(placement.task)
        spec = specs[uid]
        if misfit := misfits.of_task(spec, pool):
            yield misconfigured(placement.task, misfit, now)
            continue
        match placement.readiness:
            case Readiness.READY:
                yield _start(candidate.job, pool, placement, spec)
            case Readiness.FRESH if key not in done:
                yield _record(candidate.job, pool, nodes[placement.node])
            case Readiness.UNMARKED if key not in done:
                yield patch_status(ref(candidate.records[placement.node].record), {"tasksStarted": True})
            case Readiness.PREPARING:
                preparing.add(placement.task.ref.uid)
                yield from _preparing(candidate, placement, now)
            case _:
                pass
        done.add(key)
    for candidate in by_job.values():
        yield from _active_again(candidate, preparing, now)


def _start(job: Job, pool: Pool, placement: Placement, spec: TaskSpec) -> Create:
    task = placement.task
    return Create("Pod", task_pod(pool, job, task, spec, placement.node), task.ref.uid)


def _record(job: Job, pool: Pool, node: NodeFacts) -> Create:
    """The record of the job on the node; exists before anything of the job exists there (S16)."""
    manifest: Manifest = {
        "apiVersion": names.API_VERSION,
        "kind": "BatchJobNode",
        "metadata": {
            "name": names.job_node(job.name, node.name),
            "namespace": job.namespace,
            "labels": {
                names.LABEL_MANAGED_BY: names.MANAGED_BY,
                names.LABEL_JOB: job.name,
                names.LABEL_POOL: pool.name,
            },
            "finalizers": [names.FINALIZER],
            "ownerReferences": owned_by("BatchJob", job.name, job.uid),
        },
        "spec": {
            "jobId": job.name,
            "jobUID": job.uid,
            "poolId": pool.name,
            "poolUID": pool.uid,
            "nodeId": node.name,
            "nodeUID": node.uid,
            "directory": job_directory(job),
        },
    }
    return Create("BatchJobNode", manifest, job.uid)


def _preparing(candidate: Candidate, placement: Placement, now: float) -> Iterator[Action]:
    created = candidate.records[placement.node].record.metadata.creation_timestamp
    lasts = created is not None and now - created.timestamp() >= LASTING_SECONDS
    task = placement.task
    if lasts and task.state == "active" and task.index is None:  # of a range only its whole has a state
        where = node_info(candidate.job, task, placement.node)
        yield tell(task, {"state": "preparing", "nodeInfo": where}, now)


def _active_again(candidate: Candidate, preparing: set[str], now: float) -> Iterator[Action]:
    """Preparation failed on the node that the task waited for: it goes back to the queue, its retries untouched (3.7.9)."""
    for task in candidate.view.tasks.preparing.values():
        excluded = candidate.readiness.get(task.node) is Readiness.EXCLUDED
        if task.ref.uid not in preparing and excluded:
            yield tell(task, {"state": "active", "nodeInfo": None}, now)
