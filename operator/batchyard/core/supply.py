"""What a job still asks for and what its pool has, in numbers, for the sentence that says why it waits. Decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from batchyard.api.job import Job
from batchyard.api.states import NodeState
from batchyard.core import misfits
from batchyard.core.fleet import IDLE
from batchyard.core.pool_view import PoolView
from batchyard.core.records import Record
from batchyard.core.snapshot import JobView
from batchyard.core.verdicts import image_trouble
from batchyard.core.waiting import Demand, Seats, Why, why


def why_waiting(
    pool: PoolView, view: JobView, job: Job, records: Mapping[str, Record], placed: int, live: int
) -> Why | None:
    """None when nothing of the job waits. `placed` tasks got a node in this pass, `live` have a Pod."""
    if (trouble := _unusable(pool, job)) is not None:
        return trouble
    found = pool.s.pool
    waiting = view.tasks.counts.open - live - placed
    images = [*_image_troubles(view)]
    if found is None or (waiting <= 0 and not images and not (view.troubles and view.tasks.counts.open)):
        return None
    return why(
        found.name,
        found.spec.target_dedicated_nodes + found.spec.target_low_priority_nodes,
        _seats(pool, records, found.spec.task_slots_per_node),
        _demand(view, job, max(waiting, 0), live + placed),
        images=images,
        troubles=view.troubles,
    )


def _unusable(pool: PoolView, job: Job) -> Why | None:
    name, found = job.spec.pool_info.pool_id, pool.s.pool
    if found is None:
        where = f"BatchPool {name!r} does not exist in namespace {pool.s.namespace!r}"
        return Why("Misconfigured", f"{where}; create it, the job then goes on by itself")
    if found.metadata.deleting:
        return Why(
            "Misconfigured", f"BatchPool {name!r} is being deleted; create it again, the job then goes on by itself"
        )
    if pool.s.clashes_with:
        return Why(
            "Misconfigured", f"BatchPool {name!r} has the id of {pool.s.clashes_with!r} but for case; name that one"
        )
    if misfit := misfits.of_job(job, found):
        return Why("Misconfigured", f"{misfit}; no task of the job starts before that")
    return None


def _image_troubles(view: JobView) -> Iterator[str]:
    preparing = (("prep", pod) for pod in view.preparation_pods.values())
    for container, pod in (*(("task", pod) for pod in view.task_pods if not pod.ended), *preparing):
        if trouble := image_trouble(pod, container):
            yield f"node {pod.node}: {trouble}"


def _seats(pool: PoolView, records: Mapping[str, Record], slots_per_node: int) -> Seats:
    present = {name: node for name, node in pool.nodes.items() if node.present}
    words = Counter(node.state(pool.load.get(name, IDLE).tasks) for name, node in present.items())
    waited_for = {name: record for name, record in records.items() if record.waits_for_preparation}
    return Seats(
        nodes=len(present),
        serving=len(pool.free),
        slots_per_node=slots_per_node,
        free_slots=sum(max(0, slots) for slots in pool.free.values()),
        starting=words[NodeState.CREATING] + words[NodeState.STARTING] + words[NodeState.WAITING_FOR_START_TASK],
        start_task_failed=words[NodeState.START_TASK_FAILED],
        unready=words[NodeState.UNKNOWN] + words[NodeState.OFFLINE],
        preparing=sum(not (record.prepared or record.failed) for record in waited_for.values()),
        excluded=sum(record.failed for name, record in waited_for.items() if name in pool.free),
    )


def _demand(view: JobView, job: Job, waiting: int, started: int) -> Demand:
    limit = job.spec.max_parallel_tasks
    return Demand(
        waiting=waiting,
        blocked=view.tasks.counts.blocked,
        largest=max(view.tasks.waiting, default=0),
        at_limit=limit if 0 <= limit <= started else 0,
    )
