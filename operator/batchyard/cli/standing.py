"""Where a job, or one task of it, stands among all that wait for a pool's slots, and when it may start: fetches what that needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from batchyard.cli.access.cluster import Object
from batchyard.cli.naming import in_line, tasks_of
from batchyard.cli.outcome import NotThere
from batchyard.cli.session import Session
from batchyard.cli.show import estimate, queue
from batchyard.cli.show.objects import at, name, waits_for
from batchyard.cli.show.tasks import state
from batchyard.kube.kinds import BATCH_JOB, BATCH_POOL, Scope


@dataclass(frozen=True, slots=True)
class Standing:
    """Both are empty for what does not wait for slots, the estimate also where nothing can be said."""

    place: str = ""
    start: str = ""

    @property
    def also(self) -> list[str]:
        """As `why` tells it beside the reason."""
        told = (("place in the queue", self.place), ("estimated start", self.start))
        return [f"{what}: {text}" for what, text in told if text]


def standing(session: Session, job: Object, task: Object | None = None, number: int | None = None) -> Standing:
    """`number`: which of a range is meant."""
    if queue.place(job, [job]) is None:
        return Standing()
    tasks = tasks_of(session, name(job), order=in_line)
    ahead = 0 if task is None else queue.tasks_ahead(task, job, tasks, number)
    pool_name = str(at(job, "spec.poolInfo.poolId"))
    jobs = session.cluster.list(Scope(BATCH_JOB, session.namespace, field_selector=f"spec.poolInfo.poolId={pool_name}"))
    place = queue.place(job, jobs, ahead)
    if place is None or waits_for(job) not in estimate.STEADY:
        return Standing(place.text if place else "")
    waiting = 1 if task else int(at(job, "status.taskCounts.active", 1))
    took, lanes = [*estimate.lengths(tasks)], estimate.lanes(_pool(session, pool_name), job, _slots(task, tasks))
    others = place.job > 1 or any(_runs(each) for each in jobs if name(each) != name(job))
    return Standing(place.text, estimate.text(took, lanes, place.before, waiting, others=others))


def _runs(job: Object) -> bool:
    return any(at(job, f"status.taskCounts.{state}", 0) for state in ("preparing", "running"))


def _slots(task: Object | None, tasks: Sequence[Object]) -> int:
    """Of the task that is meant, or of the first that waits."""
    first = task or next((each for each in tasks if state(each) == "active"), {})
    return int(at(first, "spec.requiredSlots", 1))


def _pool(session: Session, pool_name: str) -> Object:
    try:
        return session.cluster.get(BATCH_POOL, session.namespace, pool_name)
    except NotThere:
        return {}
