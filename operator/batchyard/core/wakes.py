"""When a pass must look again although nothing has changed: the next moment at which time alone changes an answer."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from batchyard.api import names
from batchyard.core.facts import PodFacts
from batchyard.core.jobs import ending
from batchyard.core.jobs.expiry import expires_at
from batchyard.core.jobs.lifecycle import LIVES
from batchyard.core.jobs.preparation import ASK_AGAIN_SECONDS
from batchyard.core.jobs.records import Record
from batchyard.core.jobs.wishes import wall_clock_end
from batchyard.core.pods.job import PREPARATION, RELEASE, TASK
from batchyard.core.pods.wiping import given_up_at
from batchyard.core.pools import allocation, lost
from batchyard.core.snapshot import JobView, Snapshot
from batchyard.core.tasks import attempts, forgotten, kept_logs, slow_starts, unplaceable
from batchyard.core.tasks.patience import LASTING_SECONDS, hopeless_from, lasts_from
from batchyard.core.tasks.verdicts import image_trouble, refused_until

Moment = float | None
"""Epoch seconds; None where time alone changes nothing."""


def earliest(s: Snapshot, jobs: Iterable[tuple[JobView, Mapping[str, Record]]]) -> Moment:
    """The next such moment after now."""
    moments = [
        *chain.from_iterable(_of_job(s, view) for view in s.jobs),
        *chain.from_iterable(_after(view.memory.ask(_of_records, r), s.now) for view, r in jobs),
        *_of_wipes(s.wipe_pods),
        *lost.moments(s),
        allocation.times_out_at(s.pool) if s.pool is not None else None,
        *kept_logs.next_end(s),
        *[forgotten.forgotten_at(pod, s.nodes) for pod in forgotten.pods(s)],
    ]
    return min([moment for moment in moments if moment is not None and moment > s.now], default=None)


def _of_job(s: Snapshot, view: JobView) -> Iterator[Moment]:
    if view.job is not None:
        yield wall_clock_end(view.job) if view.job.status.state in LIVES else expires_at(view.job)
    yield from [lasts_from(pod, TASK) for pod in attempts.restless(view).values()]
    for pod in view.task_pods.others.values():
        if not pod.ended:
            yield from _of_pod(s, pod, TASK)
        yield from unplaceable.moments(pod)
        yield slow_starts.given_up_at(pod)
        yield refused_until(pod, TASK)
    for pod in view.memory.ask(_preparing, view.preparation_pods):
        yield from _of_pod(s, pod, PREPARATION)
    for pod in view.release_pods.values():
        yield from _of_pod(s, pod, RELEASE)
        if pod.ended:
            yield ending.again_at(pod)
    yield from _of_wipes(view.wipe_pods)
    yield from _of_avoided(view)


def _of_avoided(view: JobView) -> Iterator[float]:
    return (unplaceable.avoided_until(task) for task in view.tasks.avoiding.values())


def _of_wipes(pods: Mapping[str, PodFacts]) -> Iterator[Moment]:
    return map(given_up_at, pods.values())


def _of_pod(s: Snapshot, pod: PodFacts, container: str) -> tuple[Moment, Moment]:
    return lasts_from(pod, container), hopeless_from(pod, container, s.rules)


def _preparing(pods: Mapping[str, PodFacts]) -> list[PodFacts]:
    """Those whose preparation runs, or whose image does not come."""
    return [
        pod
        for pod in pods.values()
        if pod.container(PREPARATION).running_since is not None or image_trouble(pod, PREPARATION)
    ]


def _after(moments: Sequence[float], now: float) -> Sequence[float]:
    return moments[bisect_right(moments, now) :]


def _of_records(records: Mapping[str, Record]) -> list[float]:
    return sorted(moment for record in records.values() for moment in _of_record(record))


def _of_record(record: Record) -> Iterator[float]:
    created = record.record.metadata.creation_timestamp
    if created is not None and names.FINALIZER in record.record.metadata.finalizers:
        yield created.timestamp() + LASTING_SECONDS
    if record.node is not None:
        yield record.node.boot_seen + ASK_AGAIN_SECONDS
