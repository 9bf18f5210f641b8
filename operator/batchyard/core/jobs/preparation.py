"""Preparation of nodes for a job: which nodes its DaemonSet lists, and what its Pods say about them (Azure 3.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from batchyard.api.job import Job, JobPreparationTask
from batchyard.api.pool import Pool
from batchyard.api.states import StepState
from batchyard.core.actions import Action, Delete, Emit, patch_status, ref
from batchyard.core.facts import NOT_STARTED, ContainerFacts, NodeFacts, PodFacts
from batchyard.core.happenings import of_step
from batchyard.core.jobs import misfits
from batchyard.core.jobs.ending import never_launched, plan_unprepare
from batchyard.core.jobs.records import Record
from batchyard.core.pods.environment import task_directory
from batchyard.core.pods.job import PREPARATION, preparation_daemon_set
from batchyard.core.pools.daemon_sets import bring_up, narrow
from batchyard.core.snapshot import JobView, Rules
from batchyard.core.tasks.outcomes import FAILURE_EXIT_CODE, failure
from batchyard.core.tasks.patience import hopeless_from, lasts_from, over
from batchyard.core.tasks.verdicts import image_trouble, init_result
from batchyard.core.times import stamp
from batchyard.node.protocol import RunResult

ASK_AGAIN_SECONDS = 20
"""How long after a reboot the kubelet may take to say what it made of a Pod that it found."""


def started(pod: PodFacts | None) -> bool:
    """Whether the preparation process runs or has run in this Pod."""
    container = pod.container(PREPARATION) if pod else NOT_STARTED
    return container.running_since is not None or container.last_end is not None


def plan_daemon_set(view: JobView, pool: Pool, records: Mapping[str, Record], rules: Rules) -> Iterator[Action]:
    """The DaemonSet lists exactly the nodes with a live record whose preparation has not failed; none needs none."""
    job = view.job
    if job is None or job.spec.job_preparation_task is None:
        return
    wanted = view.memory.ask(_wanted, records)
    if not wanted and view.daemon_set is None:
        return
    if view.daemon_set is not None and view.daemon_set.pool != pool.name:  # of the pool that the job has left
        yield from plan_unprepare(view)
        return
    specified = view.memory.settle(Job.specified, job)
    if misfits.of_preparation(specified, pool):  # nothing new is prepared; nodes can go all the same
        yield from narrow(view.daemon_set, wanted, job.uid)
        return
    yield from bring_up(
        view.daemon_set, view.memory.ask(preparation_daemon_set, pool, specified, wanted, rules), job.uid
    )


def _wanted(records: Mapping[str, Record]) -> list[str]:
    return [name for name, record in records.items() if _may_prepare(record)]


def _may_prepare(record: Record) -> bool:
    return not (record.stale or record.node_gone or record.failed or record.paused)


def plan_results(view: JobView, records: Mapping[str, Record], *, now: float, rules: Rules) -> Iterator[Action]:
    """Writes down, per node, a preparation that started to last, succeeded, or failed finally."""
    job = view.job
    if job is None or job.spec.job_preparation_task is None:
        return
    for name, record in view.memory.ask(_unjudged, records).items():
        pod = view.preparation_pods.get(name)
        if pod is None or pod.deleting_since is not None or record.node is None:
            continue
        yield from _judge(job.spec.job_preparation_task, record, record.node, pod, now, rules)


def _unjudged(records: Mapping[str, Record]) -> dict[str, Record]:
    """Those whose preparation in this boot has not come to its end."""
    return {name: record for name, record in records.items() if not (record.stale or record.prepared or record.failed)}


def _judge(
    task: JobPreparationTask, record: Record, node: NodeFacts, pod: PodFacts, now: float, rules: Rules
) -> Iterator[Action]:
    info = record.record.status.job_preparation_task_execution_info
    container = pod.container(PREPARATION)
    result = init_result(container)
    known = _known(record, container)
    if result is not None and not known:
        yield from _record_result(task, record, node, container, result)
    elif known and pod.ready and now - node.boot_seen > ASK_AGAIN_SECONDS:
        # The Node booted anew but this is the old run's word. A new Pod asks run.sh, which knows from the boot directory.
        yield Delete(pod.ref)
    elif result is None and over(hopeless_from(pod, PREPARATION, rules), now):
        trouble = image_trouble(pod, PREPARATION)
        yield _status(record, node, _in_directory(task, record, never_launched(trouble, now)))
        yield Emit(ref(record.record), "Warning", "PreparationFailed", f"on node {node.name}: {trouble}")
    elif (
        container.running_since is not None
        and over(lasts_from(pod, PREPARATION), now)
        and (info is None or info.state is not StepState.RUNNING)
    ):
        runs = {"state": "running", "startTime": stamp(container.running_since)}
        yield _status(record, node, _in_directory(task, record, runs))


def _known(record: Record, container: ContainerFacts) -> bool:
    """Whether the end that the kubelet shows is the run already recorded, and so of another boot than this one."""
    info = record.record.status.job_preparation_task_execution_info
    recorded = info.container_info.container_id if info is not None and info.container_info is not None else ""
    return recorded != "" and recorded == container.last_end_id


def _record_result(
    task: JobPreparationTask, record: Record, node: NodeFacts, container: ContainerFacts, result: RunResult
) -> Iterator[Action]:
    body: dict[str, Any] = {
        "state": "completed",
        "startTime": result.start_time,
        "endTime": result.end_time,
        "exitCode": result.exit_code,
        "retryCount": result.retry_count,
        "lastRetryTime": result.last_retry_time,
        "bootID": node.boot_id,
        "result": "success" if result.succeeded else "failure",
        "failureInfo": None,
        "containerInfo": {"containerId": container.last_end_id, "state": "exited"},
    }
    if not result.succeeded:
        body["failureInfo"] = failure(result.code or FAILURE_EXIT_CODE)
    yield _status(record, node, _in_directory(task, record, body))
    if not result.succeeded:
        why = f"exit code {result.exit_code}" if result.exit_code is not None else result.code
        yield Emit(ref(record.record), "Warning", "PreparationFailed", f"on node {node.name}: {why}")


def _in_directory(task: JobPreparationTask, record: Record, info: dict[str, Any]) -> dict[str, Any]:
    return {**info, "taskRootDirectory": task_directory(record.job, task.id)} if record.job is not None else info


def _status(record: Record, node: NodeFacts, info: dict[str, Any]) -> Action:
    info = {**info, "bootID": node.boot_id}
    return patch_status(
        ref(record.record),
        {"observedGeneration": record.record.metadata.generation, "jobPreparationTaskExecutionInfo": info},
        tells=of_step("preparation", info),
    )
