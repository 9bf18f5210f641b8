"""From running Pods to who may be displaced, and from who must go to the writes. Who that is, preemption.py says.

The Pod carries the mark, so it holds for this run of the task only; the next pass stops the marked Pod, and its end is a requeue.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from batchyard.api import names
from batchyard.core.actions import Action, Patch
from batchyard.core.jobs.job_pass import JobPass
from batchyard.core.jobs.lifecycle import fate
from batchyard.core.load import slots_of
from batchyard.core.tasks import attempts
from batchyard.core.tasks.evictions import of_pod
from batchyard.core.tasks.preemption import Displaced, Room, Runner


def room(free: Mapping[str, int], jobs: Iterable[JobPass]) -> Room:
    """On nodes that serve. Empty where no job of the pool lets its tasks be displaced."""
    jobs = [*jobs]
    return Room(free, [r for found in jobs for r in _runners(found, free)] if any(map(_allows, jobs)) else ())


def _allows(found: JobPass) -> bool:
    return found.job is not None and found.job.spec.allow_task_preemption and found.phase.schedules


def _runners(found: JobPass, free: Mapping[str, int]) -> Iterator[Runner]:
    priority, allows = found.job.spec.priority if found.job is not None else 0, _allows(found)
    stops = found.job is None or not found.phase.lives or fate(found.job) is not None
    for pod in found.view.task_pods:
        if pod.ended or pod.node not in free:
            continue
        going = stops or pod.deleting_since is not None or of_pod(pod) is not None
        if going or (allows and attempts.task_of(found.view, pod) is not None):
            yield Runner(pod.ref, pod.node, slots_of(pod), priority, pod.created, going)


def plan_marks(displaced: Iterable[Displaced]) -> Iterator[Action]:
    for each in displaced:
        pod = each.runner.pod
        mark = {"uid": pod.uid, "resourceVersion": pod.resource_version, "labels": {names.LABEL_PREEMPTED_BY: each.by}}
        yield Patch(pod, {"metadata": mark})
