"""What a job's status says: state, times and counts, recomputed from facts at every pass (design section 3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from batchyard.api.job import Job, JobStatus
from batchyard.api.states import JobState
from batchyard.core import people
from batchyard.core.actions import Action, Emit, patch_status, ref
from batchyard.core.conditions import merge
from batchyard.core.differences import merge_patch
from batchyard.core.happenings import Happening
from batchyard.core.jobs.job_conditions import observed, state_word
from batchyard.core.jobs.lifecycle import Phase
from batchyard.core.jobs.records import Record
from batchyard.core.jobs.waiting import Why
from batchyard.core.snapshot import JobView
from batchyard.core.times import stamp

COUNTS_SECONDS = 2
"""Counts are told at most so often; a state or a condition that flips, at once."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What the pass found out about a job besides its state."""

    preparing: int = 0
    running: int = 0
    why: Why | None = None


def plan_status(
    view: JobView, job: Job, phase: Phase, records: Mapping[str, Record], progress: Progress, now: float
) -> Iterator[Action]:
    before = view.memory.ask(JobStatus.to_wire, job.status)
    desired = {
        **before,
        "observedGeneration": job.metadata.generation,
        **_state(job, before, phase, now),
        "executionInfo": _execution(job, before, phase, now),
        "taskCounts": _counts(view, progress),
    }
    desired = {key: value for key, value in desired.items() if key != "disabledByTask"}
    if phase.by_task:
        desired["disabledByTask"] = phase.by_task
    if phase.lives and job.spec.uses_task_dependencies and (remembered := view.tasks.remembered) is not None:
        desired["satisfied"] = remembered.to_wire()
    seen = [*observed(view, job, phase, records, progress.why)]
    desired["conditions"] = merge(before.get("conditions", []), seen, now=now, generation=job.metadata.generation)
    if not (patch := merge_patch(before, desired)):
        return
    lazy = COUNTS_SECONDS if _only_numbers(patch, before, desired) else 0
    yield patch_status(ref(job), patch, lazy=lazy, tells=(*_end(patch, desired["conditions"]),))
    if "state" in patch and job.status.state is not None:
        yield Emit(ref(job), "Normal", state_word(phase.state), _told(view, phase))
    yield from people.call(job, seen)


def _end(patch: Mapping[str, Any], conditions: Iterable[Mapping[str, Any]]) -> Iterator[Happening]:
    if patch.get("state") == JobState.COMPLETED.value:
        failed = any(each["type"] == "Failed" and each["status"] == "True" for each in conditions)
        yield Happening("job", "failure" if failed else "success")


def _told(view: JobView, phase: Phase) -> str:
    """One Event for each time, with what is new about it."""
    counts = view.tasks.counts
    about = phase.reason or (f"waiting for {phase.waits_for}" if phase.waits_for else f"the job is {phase.state}")
    return f"{about}; {counts.completed}/{counts.total} tasks completed, {counts.failed} failed"


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
    """Each task once: on a node that was given up one may still run that has another Pod by now, or has ended."""
    counts = view.tasks.counts
    running = min(progress.running, counts.open)
    preparing = min(progress.preparing, counts.open - running)
    return {
        "active": counts.open - running - preparing,
        "preparing": preparing,
        "running": running,
        "succeeded": counts.succeeded,
        "failed": counts.failed,
        "completed": counts.completed,
    }
