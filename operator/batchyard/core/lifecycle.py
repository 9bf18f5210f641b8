"""The states of a job and what moves it from one to the next (Azure 3.2 to 3.4). The steps themselves are in ending.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from batchyard.api.duration import seconds
from batchyard.api.job import Job
from batchyard.api.states import JobDesiredState, JobState, OnAllTasksComplete
from batchyard.core import ending
from batchyard.core.actions import Action, let_go, ref
from batchyard.core.inline_tasks import all_created
from batchyard.core.records import Record
from batchyard.core.snapshot import JobView, Snapshot

USER_TERMINATE = "UserTerminate"
WALL_CLOCK = "MaxWallClockTimeExpiry"
ALL_TASKS_COMPLETE = "AllTasksComplete"


@dataclass(frozen=True, slots=True)
class Phase:
    """Where the job is now and, if it ends, why."""

    state: JobState
    reason: str = ""
    steps: tuple[Action, ...] = ()
    waits_for: str = ""
    """What the end of the job is waiting for, for people."""

    @property
    def schedules(self) -> bool:
        return self.state is JobState.ACTIVE


def phase(view: JobView, job: Job, records: Mapping[str, Record], s: Snapshot) -> Phase:
    """The state that the facts give. Ending is one-way: once written it stays, whatever becomes of its cause (S14)."""
    before = job.status.state
    if job.metadata.deleting:
        return _deleting(view, job, records, s)
    if before is JobState.COMPLETED:
        return Phase(JobState.COMPLETED, _reason(job))
    if before is JobState.TERMINATING:
        return _terminating(view, job, records, s)
    if reason := _why_it_ends(view, job, s.now):
        return Phase(JobState.TERMINATING, reason)
    return Phase(JobState.ACTIVE)


def _reason(job: Job) -> str:
    info = job.status.execution_info
    return info.terminate_reason if info else ""


def _why_it_ends(view: JobView, job: Job, now: float) -> str:
    if job.spec.desired_state is JobDesiredState.TERMINATED:
        return job.spec.terminate_reason or USER_TERMINATE
    if (deadline := wall_clock_end(job)) is not None and now >= deadline:
        return WALL_CLOCK
    wants = job.spec.on_all_tasks_complete is OnAllTasksComplete.TERMINATE_JOB
    return ALL_TASKS_COMPLETE if wants and _all_complete(view, job) else ""


def _all_complete(view: JobView, job: Job) -> bool:
    """A job without tasks counts as complete (Azure 3.3), but not while its inline tasks are still being made."""
    return all_created(view, job) and view.tasks.counts.open == 0 and ending.stopped(view)


def wall_clock_end(job: Job) -> float | None:
    """When the job's time is up (epoch seconds), counted from its creation."""
    limit, created = job.spec.constraints.max_wall_clock_time, job.metadata.creation_timestamp
    return created.timestamp() + seconds(limit) if limit and created else None


def _terminating(view: JobView, job: Job, records: Mapping[str, Record], s: Snapshot) -> Phase:
    steps, waits_for = _leave_nodes(view, records, s)
    state = JobState.TERMINATING if waits_for else JobState.COMPLETED
    return Phase(state, _reason(job), tuple(steps), waits_for)


def _deleting(view: JobView, job: Job, records: Mapping[str, Record], s: Snapshot) -> Phase:
    steps, waits_for = _leave_nodes(view, records, s)
    if not waits_for:
        steps = [*ending.plan_wipes(view, records, now=s.now, rules=s.rules)]
        waits_for = f"directories to be wiped on {len(records)} nodes" if records else ""
    if not waits_for and not view.wipe_pods:
        steps.extend(let_go(ref(job), job.metadata.finalizers))
    return Phase(JobState.DELETING, _reason(job), tuple(steps), waits_for)


def _leave_nodes(view: JobView, records: Mapping[str, Record], s: Snapshot) -> tuple[list[Action], str]:
    """The first step of the job's end that is not yet a fact: its writes, and a word for what it waits for."""
    if not ending.stopped(view):
        return [*ending.plan_stop(view)], f"{sum(not p.ended for p in view.task_pods)} running tasks to end"
    if not ending.unprepared(view):
        return [*ending.plan_unprepare(view)], "preparation to be taken away"
    if s.namespace_ending or ending.released(view, records):
        return [], ""
    steps = [
        *ending.plan_releases(view, s.pool, records, now=s.now),
        *ending.plan_hopeless_releases(view, records, now=s.now, rules=s.rules),
    ]
    owing = sorted(name for name, record in records.items() if record.owes_release)
    return steps, f"release on {len(owing)} nodes ({', '.join(owing[:3])})" if owing else "release Pods to go"
