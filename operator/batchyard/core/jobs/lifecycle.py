"""The states of a job and what moves it from one to the next (Azure 3.2 to 3.4). The steps of its end are in ending.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from batchyard.api.job import Job
from batchyard.api.states import DisableTasks, JobState
from batchyard.core.actions import Action, Delete, let_go, ref
from batchyard.core.jobs import ending, expiry, job_actions, wishes
from batchyard.core.jobs.records import Record
from batchyard.core.snapshot import JobView, Snapshot
from batchyard.core.tasks import attempts
from batchyard.core.tasks.evictions import Fate

SLICE = 500
"""Tasks deleted in one pass."""
PAUSED = (JobState.DISABLING, JobState.DISABLED)
LIVES = (JobState.ACTIVE, *PAUSED, JobState.ENABLING)
OVER = (JobState.COMPLETED, JobState.DELETING)
FATES = {DisableTasks.REQUEUE: Fate.REQUEUE, DisableTasks.TERMINATE: Fate.TERMINATE, DisableTasks.WAIT: None}


@dataclass(frozen=True, slots=True)
class Phase:
    """Where the job is now and, if it ends, why."""

    state: JobState
    reason: str = ""
    steps: tuple[Action, ...] = ()
    waits_for: str = ""
    """What its end or its pause is waiting for, for people."""
    by_task: str = ""
    """Id of the task whose end disables it."""

    @property
    def schedules(self) -> bool:
        return self.state is JobState.ACTIVE

    @property
    def lives(self) -> bool:
        """Its end has not begun."""
        return self.state in LIVES


def phase(view: JobView, job: Job, records: Mapping[str, Record], s: Snapshot) -> Phase:
    """The state that the facts give. Ending is one-way: once written it stays, whatever becomes of its cause (S14)."""
    before = job.status.state or JobState.ACTIVE
    if job.metadata.deleting:
        return _deleting(view, job, records, s)
    if before is JobState.COMPLETED:
        return Phase(JobState.COMPLETED, _reason(job), tuple(expiry.plan_expiry(job, s.now)))
    if before is JobState.TERMINATING:
        return _terminating(view, job, records, s)
    if reason := wishes.why_end(view, job, s.now):
        return Phase(JobState.TERMINATING, reason)
    state = pause(before, wishes.disabled(view, job), wishes.disable_option(job), quiet=attempts.settled(view))
    waits_for = _running(view) if state is JobState.DISABLING else ""
    return Phase(state, waits_for=waits_for, by_task=job_actions.disabled_by(view, job))


def pause(before: JobState, disabled: bool, option: DisableTasks, *, quiet: bool) -> JobState:
    """One step between active and disabled. `quiet`: no task runs, and every outcome is written down.

    What was begun with running tasks is brought to its end; only waiting for them can be broken off.
    """
    match before, disabled:
        case JobState.ACTIVE | JobState.ENABLING, True:
            return JobState.DISABLING
        case JobState.DISABLING, False if option is DisableTasks.WAIT:
            return JobState.ENABLING
        case JobState.DISABLING, _:
            return JobState.DISABLED if quiet else JobState.DISABLING
        case JobState.DISABLED, False:
            return JobState.ENABLING
        case JobState.ENABLING, False:
            return JobState.ACTIVE
        case _:
            return before


def fate(job: Job) -> Fate | None:
    """What becomes of the job's running tasks, by the state that is written: they are touched only when it is a fact."""
    state = JobState.DELETING if job.metadata.deleting else job.status.state
    if state in PAUSED:
        return FATES[wishes.disable_option(job)]
    return None if state is None or state in LIVES else Fate.TERMINATE


def starts_tasks(job: Job, now_in: Phase) -> bool:
    """Only a job that is active and is known to be: then nobody can change its pool meanwhile (3.2)."""
    return now_in.schedules and job.status.state in (None, JobState.ACTIVE)


def _reason(job: Job) -> str:
    info = job.status.execution_info
    return info.terminate_reason if info else ""


def _running(view: JobView) -> str:
    return f"{view.task_pods.running} running tasks to end"


def _terminating(view: JobView, job: Job, records: Mapping[str, Record], s: Snapshot) -> Phase:
    steps, waits_for = _leave_nodes(view, records, s)
    state = JobState.TERMINATING if waits_for else JobState.COMPLETED
    return Phase(state, _reason(job), tuple(steps), waits_for)


def _deleting(view: JobView, job: Job, records: Mapping[str, Record], s: Snapshot) -> Phase:
    steps, waits_for = _leave_nodes(view, records, s)
    if not waits_for:
        steps = [*ending.plan_wipes(view, records, now=s.now, rules=s.rules)]
        waits_for = f"directories to be wiped on {len(records)} nodes" if records else ""
    if not waits_for and (own := [task for task in view.tasks.by_uid.values() if not task.job_uid]):
        # Its users made them without an owner: else they would be those of the next job of this name.
        steps.extend(Delete(task.ref) for task in own[:SLICE] if not task.deleting)
        waits_for = f"{len(own)} tasks to be deleted"
    if not waits_for and not view.wipe_pods:
        steps.extend(let_go(ref(job), job.metadata.finalizers))
    return Phase(JobState.DELETING, _reason(job), tuple(steps), waits_for)


def _leave_nodes(view: JobView, records: Mapping[str, Record], s: Snapshot) -> tuple[list[Action], str]:
    """The next writes of the job's end, and a word for what it waits for.

    Each node goes its own way: one that does not answer holds the job, but not the release of the others (3.8.5, 3.8.11).
    """
    here = {name: record for name, record in records.items() if not record.elsewhere}
    left = sorted(name for name, record in records.items() if record.elsewhere and not record.settled)
    steps = [*ending.plan_stop(view), *ending.plan_unprepare(view)]
    if view.daemon_set is None:
        busy = attempts.busy_nodes(view) | view.preparation_pods.keys()
        clear = {name: record for name, record in here.items() if name not in busy}
        steps += ending.plan_releases(view, s.pool, clear, now=s.now)
        steps += ending.plan_hopeless_releases(view, clear, now=s.now, rules=s.rules)
    if not attempts.settled(view):
        return steps, _running(view)
    if not ending.unprepared(view):
        return steps, f"preparation to be taken away on {len(view.preparation_pods)} nodes"
    if (s.namespace_ending and not view.release_pods) or (ending.released(view, here) and not left):
        return [], ""
    return steps, _releasing(sorted(name for name, record in here.items() if record.owes_release), left)


def _releasing(owing: list[str], left: list[str]) -> str:
    if owing:
        return f"release on {len(owing)} nodes ({', '.join(owing[:3])})"
    if left:
        return f"{len(left)} nodes of its former pool to be released and wiped ({', '.join(left[:3])})"
    return "release Pods to go"
