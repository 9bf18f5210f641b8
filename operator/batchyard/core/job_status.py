"""What a job's status says: state, counts and conditions, recomputed from facts at every pass (design section 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from batchyard.api.job import Job
from batchyard.api.states import JobState, TaskExecutionResult
from batchyard.api.unsupported import unsupported
from batchyard.core.actions import Action, Emit, patch_status, ref
from batchyard.core.conditions import Observed, merge, told_unsupported
from batchyard.core.differences import merge_patch
from batchyard.core.inline_tasks import condition
from batchyard.core.lifecycle import WALL_CLOCK, Phase
from batchyard.core.records import Record
from batchyard.core.snapshot import JobView
from batchyard.core.times import stamp
from batchyard.core.waiting import Why

COUNTS_SECONDS = 2
"""Counts are told at most so often; a state or a condition that flips, at once."""
ENDED = (JobState.COMPLETED, JobState.DELETING)


@dataclass(frozen=True, slots=True)
class Progress:
    """What the pass found out about a job besides its state."""

    preparing: int = 0
    running: int = 0
    why: Why | None = None


def plan_status(
    view: JobView, job: Job, phase: Phase, records: Mapping[str, Record], progress: Progress, now: float
) -> Iterator[Action]:
    before = job.status.to_wire()
    desired = {
        **before,
        "observedGeneration": job.metadata.generation,
        **_state(job, before, phase, now),
        "executionInfo": _execution(job, before, phase, now),
        "taskCounts": _counts(view, progress),
    }
    observed = [*_conditions(view, job, phase, records, progress)]
    desired["conditions"] = merge(before.get("conditions", []), observed, now=now, generation=job.metadata.generation)
    if not (patch := merge_patch(before, desired)):
        return
    yield patch_status(ref(job), patch, lazy=COUNTS_SECONDS if _only_numbers(patch, before, desired) else 0)
    if "state" in patch and job.status.state is not None:
        yield Emit(
            ref(job), "Normal", _event(phase.state), phase.reason or phase.waits_for or f"the job is {phase.state}"
        )


def _event(state: JobState) -> str:
    return f"Job{state.value.capitalize()}"


def _only_numbers(patch: Mapping[str, Any], before: Mapping[str, Any], desired: Mapping[str, Any]) -> bool:
    """Counts, and words about them: no condition flips, no reason changes."""

    def flags(status: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        return [(c["type"], c["status"], c["reason"]) for c in status.get("conditions", [])]

    return set(patch) <= {"taskCounts", "conditions"} and flags(before) == flags(desired)


def _state(job: Job, before: Mapping[str, Any], phase: Phase, now: float) -> dict[str, Any]:
    if before.get("state") == phase.state.value:
        return {}
    moved: dict[str, Any] = {"state": phase.state.value, "stateTransitionTime": stamp(now)}
    if job.status.state is not None:
        moved |= {"previousState": before["state"], "previousStateTransitionTime": before.get("stateTransitionTime")}
    return moved


def _execution(job: Job, before: Mapping[str, Any], phase: Phase, now: float) -> dict[str, Any]:
    created = job.metadata.creation_timestamp
    info: dict[str, Any] = {
        **before.get("executionInfo", {}),
        "startTime": stamp(created.timestamp()) if created else stamp(now),
        "poolId": job.spec.pool_info.pool_id,
    }
    if phase.reason:
        info["terminateReason"] = phase.reason
    if phase.state is JobState.COMPLETED and "endTime" not in info:
        info["endTime"] = stamp(now)
    return info


def _counts(view: JobView, progress: Progress) -> dict[str, int]:
    counts = view.tasks.counts
    return {
        "active": counts.open - progress.running - progress.preparing,
        "preparing": progress.preparing,
        "running": progress.running,
        "succeeded": counts.succeeded,
        "failed": counts.failed,
        "completed": counts.completed,
    }


def _conditions(
    view: JobView, job: Job, phase: Phase, records: Mapping[str, Record], progress: Progress
) -> Iterator[Observed]:
    counts = view.tasks.counts
    over = phase.state in ENDED
    complete = phase.state is JobState.COMPLETED or (
        job.status.condition("Complete") is not None and _is_true(job, "Complete")
    )
    failed = complete and (counts.failed > 0 or phase.reason == WALL_CLOCK or _is_true(job, "Failed"))
    tasks = f"{counts.completed}/{counts.total} tasks completed, {counts.failed} failed"
    yield _admitted(phase, progress)
    yield Observed(
        "Complete",
        status=complete,
        reason=(phase.reason and _word(phase.reason)) or "NotComplete",
        message=tasks if complete else "",
    )
    yield Observed(
        "Failed", status=failed, reason=_failed_reason(phase, failed=failed), message=tasks if failed else ""
    )
    yield Observed("Suspended", status=False, reason="NotSuspended")
    yield from condition(view, job)
    yield from _about_nodes(job, records)
    doing = f"{tasks}; waiting for {phase.waits_for}" if phase.waits_for else tasks
    yield Observed(
        "Reconciling",
        status=not over,
        reason="JobCompleted" if over else f"Job{phase.state.value.capitalize()}",
        message="" if over else doing,
    )
    yield Observed("Stalled", status=failed, reason="JobFailed" if failed else "Progressing")
    yield from told_unsupported(unsupported(job.spec), job.status)


def _is_true(job: Job, kind: str) -> bool:
    condition = job.status.condition(kind)
    return condition is not None and condition.status == "True"


def _failed_reason(phase: Phase, *, failed: bool) -> str:
    if not failed:
        return "NoFailure"
    return WALL_CLOCK if phase.reason == WALL_CLOCK else "TaskFailed"


def _word(text: str) -> str:
    """A terminate reason is free text; a condition's reason is one word."""
    return text if text.isascii() and text.isalnum() and text[0].isalpha() else "Terminated"


def _admitted(phase: Phase, progress: Progress) -> Observed:
    if phase.state is not JobState.ACTIVE:
        return Observed(
            "Admitted", status=False, reason=f"Job{phase.state.value.capitalize()}", message="no more tasks are started"
        )
    if (why := progress.why) is not None:
        return Observed("Admitted", status=False, reason=why.reason, message=why.message)
    return Observed("Admitted", status=True, reason="Admitted", message="")


def _about_nodes(job: Job, records: Mapping[str, Record]) -> Iterator[Observed]:
    preparation = [name for name, r in sorted(records.items()) if r.failed]
    release = [name for name, r in sorted(records.items()) if _release_failed(r)]
    yield _on_nodes(
        "PreparationFailed",
        preparation,
        len(records),
        "see `kubectl get bjnode` and the preparation's stderr.txt; no task of the job runs there",
    )
    if job.spec.job_release_task is not None:
        yield _on_nodes("ReleaseFailed", release, len(records), "see `kubectl get bjnode`; the job ends all the same")


def _on_nodes(kind: str, nodes: list[str], total: int, advice: str) -> Observed:
    if not nodes:
        return Observed(kind, status=False, reason="NoFailure")
    return Observed(
        kind, status=True, reason=kind, message=f"on {len(nodes)} of {total} nodes ({', '.join(nodes[:3])}); {advice}"
    )


def _release_failed(record: Record) -> bool:
    info = record.record.status.job_release_task_execution_info
    return info is not None and info.result is TaskExecutionResult.FAILURE
