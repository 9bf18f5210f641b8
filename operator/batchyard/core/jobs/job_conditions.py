"""The conditions of a job: what is true of it, with numbers and the next step. The rest of its status is in job_status.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from batchyard.api.job import Job
from batchyard.api.states import JobState, OnAllTasksComplete, ReadyWhen, TaskExecutionResult
from batchyard.api.unsupported import unsupported
from batchyard.core.conditions import Observed, false, told_unsupported, true
from batchyard.core.jobs.inline_tasks import condition
from batchyard.core.jobs.lifecycle import OVER, PAUSED, Phase
from batchyard.core.jobs.records import Record
from batchyard.core.jobs.waiting import Why, count
from batchyard.core.jobs.wishes import WALL_CLOCK
from batchyard.core.snapshot import JobView, TaskCounts

STAYS = OnAllTasksComplete.NO_ACTION


def observed(
    view: JobView, job: Job, phase: Phase, records: Mapping[str, Record], why: Why | None
) -> Iterator[Observed]:
    """`why` is what keeps its tasks waiting, if anything does."""
    counts = view.tasks.counts
    tasks = f"{counts.completed}/{counts.total} tasks completed, {counts.failed} failed"
    complete = phase.state is JobState.COMPLETED or _is_true(job, "Complete")
    failed = complete and (counts.failed > 0 or phase.reason == WALL_CLOCK or _is_true(job, "Failed"))
    yield _admitted(phase, counts, why)
    yield Observed("Complete", complete, _word(phase.reason) or "NotComplete", tasks if complete else "")
    yield Observed("Failed", failed, _failed_reason(phase, failed=failed), tasks if failed else "")
    yield _suspended(phase, tasks)
    yield from condition(view, job)
    yield from _about_nodes(view, job, records)
    waits_for = _waits_for(job, phase, counts, why)
    yield _reconciling(phase, f"{tasks}; {waits_for}" if waits_for else tasks, started=_has_started(view, job))
    yield true("Stalled", "JobFailed", _failure(phase, tasks)) if failed else false("Stalled", "Progressing")
    yield from told_unsupported(view.memory.ask(unsupported, job.spec), job.status)


def _is_true(job: Job, kind: str) -> bool:
    condition = job.status.condition(kind)
    return condition is not None and condition.status == "True"


def state_word(state: JobState) -> str:
    return f"Job{state.value.capitalize()}"


def _admitted(phase: Phase, counts: TaskCounts, why: Why | None) -> Observed:
    if phase.state in PAUSED:
        return false("Admitted", "Suspended", f"{count(counts.open, 'task')} waiting; {_how_to_go_on(phase)}")
    if not phase.schedules:
        return false("Admitted", state_word(phase.state), "no more tasks are started")
    return true("Admitted", "Admitted") if why is None else false("Admitted", why.reason, why.message)


def _how_to_go_on(phase: Phase) -> str:
    if phase.by_task:
        return f"the end of task {phase.by_task!r} disabled the job; set desiredState to disabled and then to active to enable it"
    return "the job is disabled; set desiredState to active to enable it"


def _suspended(phase: Phase, tasks: str) -> Observed:
    if phase.state is JobState.DISABLED:
        return true("Suspended", "JobDisabled", f"{tasks}; {_how_to_go_on(phase)}")
    if phase.state is JobState.DISABLING:
        return false("Suspended", "JobDisabling", f"waiting for {phase.waits_for}")
    return false("Suspended", "NotSuspended")


def _reconciling(phase: Phase, progress: str, *, started: bool) -> Observed:
    """A job that rests is done with: completed, or disabled for as long as its user likes; so is one that need only start."""
    if started and phase.state not in OVER:
        return false("Reconciling", "JobStarted", progress)
    if phase.state in OVER or phase.state is JobState.DISABLED:
        return false("Reconciling", state_word(phase.state))
    return true("Reconciling", state_word(phase.state), progress)


def _has_started(view: JobView, job: Job) -> bool:
    """And that is all that was asked for. What has been told stays true when its tasks wait again."""
    if job.spec.ready_when is not ReadyWhen.STARTED:
        return False
    told = job.status.condition("Reconciling")
    before = told is not None and told.reason == "JobStarted"
    return before or bool(view.task_pods.at_work) or view.tasks.counts.succeeded > 0


def _waits_for(job: Job, phase: Phase, counts: TaskCounts, why: Why | None) -> str:
    """Whoever waits for the job may see nothing but this (Helm, Flux, Argo CD)."""
    if phase.waits_for:
        return f"waiting for {phase.waits_for}"
    if phase.schedules and counts.total and not counts.open and job.spec.on_all_tasks_complete is STAYS:
        return "it stays active for more tasks; onAllTasksComplete terminatejob or desiredState terminated completes it"
    return why.message if why else ""


def _failed_reason(phase: Phase, *, failed: bool) -> str:
    if not failed:
        return "NoFailure"
    return WALL_CLOCK if phase.reason == WALL_CLOCK else "TaskFailed"


def _failure(phase: Phase, tasks: str) -> str:
    """All that Helm, Flux and Argo CD print of it."""
    if phase.reason == WALL_CLOCK:
        return f"{tasks}; maxWallClockTime ran out; raise it on a new job"
    return f"{tasks}; see `kubectl get btask` or `batchyard task list`; a new job runs them again"


def _word(text: str) -> str:
    """A terminate reason is free text; a condition's reason is one word."""
    fits = text.isascii() and text.isalnum() and text[0].isalpha()
    return text if fits or not text else "Terminated"


def _about_nodes(view: JobView, job: Job, records: Mapping[str, Record]) -> Iterator[Observed]:
    preparation, release = view.memory.ask(_failed, records)
    advice = "see `kubectl get bjnode` and the preparation's stderr.txt; no task of the job runs there"
    yield _on_nodes("PreparationFailed", preparation, len(records), advice)
    if job.spec.job_release_task is not None:
        advice = "see `kubectl get bjnode`; the job ends all the same"
        yield _on_nodes("ReleaseFailed", release, len(records), advice)


def _failed(records: Mapping[str, Record]) -> tuple[list[str], list[str]]:
    """Nodes on which the preparation has failed, and those on which the release has."""
    preparation = sorted(name for name, r in records.items() if r.failed and not r.stale)
    return preparation, sorted(name for name, r in records.items() if _release_failed(r))


def _on_nodes(kind: str, nodes: list[str], total: int, advice: str) -> Observed:
    if not nodes:
        return false(kind, "NoFailure")
    return true(kind, kind, f"on {len(nodes)} of {total} nodes ({', '.join(nodes[:3])}); {advice}")


def _release_failed(record: Record) -> bool:
    info = record.record.status.job_release_task_execution_info
    return info is not None and info.result is TaskExecutionResult.FAILURE
