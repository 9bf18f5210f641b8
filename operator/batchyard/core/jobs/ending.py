"""How a job leaves a node: Pods stopped, preparation gone, release, wipe, in this order and each only when the one before is a fact.

Every step is derived from the records and Pods as they are, so that it does not matter where the last pass stopped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from batchyard.api import names
from batchyard.api.job import Job
from batchyard.api.job_node import JobNode
from batchyard.api.pool import Pool
from batchyard.core.actions import Absence, Action, Create, Delete, Emit, close, dismiss, patch_status, ref
from batchyard.core.facts import PodFacts
from batchyard.core.happenings import of_step
from batchyard.core.jobs import misfits
from batchyard.core.jobs.records import Record
from batchyard.core.pods.environment import task_directory
from batchyard.core.pods.job import RELEASE, release_pod
from batchyard.core.pods.wipe import job_wipe_pod
from batchyard.core.pods.wiping import AGAIN_SECONDS, step
from batchyard.core.snapshot import JobView, Rules
from batchyard.core.tasks.outcomes import FAILURE_EXIT_CODE, failure
from batchyard.core.tasks.patience import hopeless_from, lasts_from, over
from batchyard.core.tasks.verdicts import Ended, Lost, image_trouble, verdict
from batchyard.core.times import stamp

RUNNING_COMPONENTS = (names.COMPONENT_TASK, names.COMPONENT_PREPARATION)


def plan_stop(view: JobView) -> Iterator[Action]:
    """Every process of the job's tasks is asked to end."""
    for pod in view.task_pods:
        if pod.deleting_since is None and not pod.ended:
            yield Delete(pod.ref)


def plan_unprepare(view: JobView) -> Iterator[Action]:
    if view.daemon_set is not None and not view.daemon_set.deleting:
        yield Delete(view.daemon_set.ref)


def unprepared(view: JobView) -> bool:
    """Nothing prepares any node for the job, and nothing will (S2)."""
    return view.daemon_set is None and not view.preparation_pods


def plan_releases(view: JobView, pool: Pool | None, records: Mapping[str, Record], *, now: float) -> Iterator[Action]:
    for name, record in sorted(records.items()):
        pod = view.release_pods.get(name)
        if pod is not None and pod.ended:
            yield from _judge_release(record, pod, now)
        elif pod is not None:
            yield from _release_runs(record, pod, now)
        elif record.owes_release and record.job is not None and pool is not None:
            yield from _release(pool, record.job, record, now)


def _release(pool: Pool, job: Job, record: Record, now: float) -> Iterator[Action]:
    """One that the pool cannot run any more is given up, so that the job can end."""
    if misfit := misfits.of_release(job, pool):
        yield _release_status(record, {**never_launched(misfit, now), "failureInfo": failure("Misconfigured", misfit)})
        yield Emit(ref(record.record), "Warning", "ReleaseFailed", f"on node {record.record.spec.node_id}: {misfit}")
    else:
        yield Create("Pod", release_pod(pool, job, record.record), record.record.uid, _nothing_runs(record))


def _nothing_runs(record: Record) -> Absence:
    spec = record.record.spec
    return Absence(record.record.namespace, spec.job_uid, spec.node_id, RUNNING_COMPONENTS)


def _release_runs(record: Record, pod: PodFacts, now: float) -> Iterator[Action]:
    since = pod.container(RELEASE).running_since
    info = record.record.status.job_release_task_execution_info
    told = info is not None and info.start_time is not None and info.start_time.timestamp() == since
    if record.owes_release and since is not None and over(lasts_from(pod, RELEASE), now) and not told:
        yield _release_status(record, {"state": "running", "startTime": stamp(since)})


def _judge_release(record: Record, pod: PodFacts, now: float) -> Iterator[Action]:
    """Recorded first, then let go. Interrupted by a reboot it runs again under a new Pod; a failed one is not retried."""
    if record.owes_release:
        match verdict(pod, RELEASE):
            case Ended(result):
                yield _release_status(
                    record,
                    {
                        "state": "completed",
                        "result": "success" if result.succeeded else "failure",
                        "startTime": result.start_time,
                        "endTime": result.end_time or stamp(now),
                        "exitCode": result.exit_code,
                        "failureInfo": None if result.succeeded else failure(result.code or FAILURE_EXIT_CODE),
                        "containerInfo": {"containerId": pod.container(RELEASE).last_end_id, "state": "exited"},
                    },
                )
                if not result.succeeded:
                    yield Emit(
                        ref(record.record),
                        "Warning",
                        "ReleaseFailed",
                        f"on node {pod.node}: exit code {result.exit_code} {result.code}",
                    )
                return
            case Lost() if now < again_at(pod):
                return
            case Lost():
                pass  # once more, under a new Pod
            case None:
                return
    yield from let_go(pod)


def plan_hopeless_releases(
    view: JobView, records: Mapping[str, Record], *, now: float, rules: Rules
) -> Iterator[Action]:
    """A release whose image cannot be pulled is given up, so that the job can end."""
    for name, pod in view.release_pods.items():
        record = records.get(name)
        if record is not None and record.owes_release and over(hopeless_from(pod, RELEASE, rules), now):
            yield _release_status(record, never_launched(image_trouble(pod, RELEASE), now))
            yield Delete(pod.ref)


def again_at(pod: PodFacts) -> float:
    """A node that refuses Pods refuses them at once, and again and again."""
    return pod.finished + AGAIN_SECONDS


def never_launched(trouble: str, now: float) -> dict[str, Any]:
    """The execution info of a step whose container could not be made."""
    info = failure("ContainerInvalidImage", trouble)
    container = {"state": "created", "error": trouble}
    return {
        "state": "completed",
        "endTime": stamp(now),
        "result": "failure",
        "failureInfo": info,
        "containerInfo": container,
    }


def _release_status(record: Record, info: dict[str, Any]) -> Action:
    assert record.job is not None and record.job.spec.job_release_task is not None  # noqa: S101, PT018 - it owes a release
    directory = task_directory(record.job, record.job.spec.job_release_task.id)
    body = {"taskRootDirectory": directory, **info}
    return patch_status(
        ref(record.record),
        {"observedGeneration": record.record.metadata.generation, "jobReleaseTaskExecutionInfo": body},
        tells=of_step("release", info),
    )


def let_go(pod: PodFacts) -> Iterator[Action]:
    yield from dismiss(pod.ref, pod.finalizers, deleting=pod.deleting_since is not None)


def released(view: JobView, records: Mapping[str, Record]) -> bool:
    return not any(r.owes_release for r in records.values()) and not view.release_pods


def plan_wipes(view: JobView, records: Mapping[str, Record], *, now: float, rules: Rules) -> Iterator[Action]:
    """Removes the job's directory on every node that has a record, release or not (S5), and closes the record."""
    for name, record in sorted(records.items()):
        if record.settled:
            yield from close(record.record)
        elif not record.elsewhere:
            yield from plan_wipe(record, view.wipe_pods.get(name), now=now, rules=rules)


def plan_wipe(record: Record, pod: PodFacts | None, *, now: float, rules: Rules) -> Iterator[Action]:
    """That it begins is written before its first Pod exists: what is half gone must not be taken for whole when that Pod has failed."""
    if record.record.status.wipe is None:
        yield patch_status(ref(record.record), {"wipe": {"state": "running"}})
    else:
        own = (
            pod if pod is not None and pod.ref.name == names.wipe_pod(record.record.uid) else None
        )  # else of an earlier record
        make = Create("Pod", job_wipe_pod(record.record, rules), "", _all_gone(record))
        done = patch_status(ref(record.record), {"wipe": {"state": "completed", "endTime": stamp(now)}})
        yield from step(ref(record.record), own, make, (done,), now=now)


def _all_gone(record: Record) -> Absence:
    spec = record.record.spec
    return Absence(record.record.namespace, spec.job_uid, spec.node_id, (*RUNNING_COMPONENTS, names.COMPONENT_RELEASE))


def plan_stale(
    view: JobView, records: Mapping[str, Record], wanted: Collection[str], *, now: float, rules: Rules
) -> Iterator[Action]:
    """Records of another job of the name, of a replaced machine or of a pool that is gone: nothing new runs there.

    Each is wiped at once, and closed when its place is `wanted` for a new one; until then it can be read (3.9).
    """
    for name, record in view.memory.ask(_stale, records).items():
        if record.settled:
            unwanted = record.orphaned or record.record.metadata.deleting or name in wanted
            if unwanted and not _bound(view, name):
                yield from close(record.record)
        elif not record.elsewhere:
            yield from _plan_stale(view, name, record, now, rules)


def _bound(view: JobView, name: str) -> bool:
    """Pods that may start on a machine that comes under the name, were it gone now: then it is to be wiped."""
    return name in view.task_pods.load or name in view.preparation_pods


def _stale(records: Mapping[str, Record]) -> dict[str, Record]:
    return {name: record for name, record in records.items() if record.stale}


def begun(nodes: Mapping[str, JobNode], release_pods: Mapping[str, PodFacts]) -> list[str]:
    """The nodes that the job has begun to leave: a release or a wipe of this very record is there, or was."""

    def so(name: str, record: JobNode) -> bool:
        release, status = release_pods.get(name), record.status
        releasing = release is not None and release.owner_uid == record.uid
        return releasing or status.job_release_task_execution_info is not None or status.wipe is not None

    return [name for name, record in nodes.items() if so(name, record)]


def _plan_stale(view: JobView, name: str, record: Record, now: float, rules: Rules) -> Iterator[Action]:
    pods = [pod for pod in view.task_pods if pod.node == name and not pod.ended]
    yield from (Delete(pod.ref) for pod in pods if pod.deleting_since is None)
    if (release := view.release_pods.get(name)) is not None and release.ended and record.record.status.wipe is not None:
        yield from let_go(release)  # until then nothing else says that the job has begun to leave
    if not (pods or name in view.preparation_pods):
        yield from plan_wipe(record, view.wipe_pods.get(name), now=now, rules=rules)


def plan_tidy_wipe_pods(view: JobView, records: Mapping[str, Record]) -> Iterator[Action]:
    """A wipe Pod has served when its record says so, or is gone."""
    for name, pod in view.wipe_pods.items():
        record = records.get(name)
        if (record is None or record.settled) and pod.deleting_since is None:
            yield Delete(pod.ref)
