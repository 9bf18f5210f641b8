"""What has become of a range, as its status says it and as it is read back. At most 64 KiB, whatever happens (docs/decisions/011)."""

from __future__ import annotations

from typing import Any

from batchyard.api.exits import ExitConditions
from batchyard.api.range import MOST, RangeStatus
from batchyard.api.states import DependencyAction, JobAction
from batchyard.api.task import Task
from batchyard.core.indexes import Ended, History, Indexes, Outcome, Tried
from batchyard.core.intervals import Intervals, read, text, union
from batchyard.core.tasks.exit_conditions import consequence

ROOM = 51_000
"""Characters for integers; ten thousand of four digits with what stands between them need no more."""


def status(of: Indexes, ended: Ended, tried: Tried) -> dict[str, Any]:
    """All of it, so that it replaces what was there."""
    base = _base(of)
    good = [(how, those) for how, those in ended.items() if how.succeeded]
    failed = [(how, those) for how, those in ended.items() if not how.succeeded]
    succeeded, bad = (sum(len(those) for _, those in each) for each in (good, failed))
    return {
        **({"base": base} if base else {}),
        "counts": {"active": of.total - succeeded - bad, "succeeded": succeeded, "failed": bad},
        "succeeded": text(union(those for how, those in good if how.asks is JobAction.NONE), base),
        "asking": text(union(those for how, those in good if how.asks is not JobAction.NONE), base) or None,
        "failed": [_failure(how, those, base) for how, those in failed],
        "tried": [_history(history, those, base) for history, those in tried.items()],
    }


def _base(of: Indexes) -> int:
    """What is taken off every integer: nothing, unless there are very many long ones."""
    return 0 if of.total * (len(str(of.end)) + 1) <= ROOM or of.end < 11_000 else of.start // 1000 * 1000


def _failure(how: Outcome, those: Intervals, base: int) -> dict[str, Any]:
    return {
        "failureCode": how.code,
        **({} if how.exit_code is None else {"exitCode": how.exit_code}),
        **({"dependencyAction": DependencyAction.SATISFY.value} if how.satisfies else {}),
        **({} if how.asks is JobAction.NONE else {"jobAction": how.asks.value}),
        "ids": text(those, base),
    }


def _history(history: History, those: Intervals, base: int) -> dict[str, Any]:
    counters = {
        "attempt": history.attempt,
        "retryCount": history.retry_count,
        "requeueCount": history.requeue_count,
        "recoveryCount": history.recovery_count,
        "pendingFailure": history.pending_failure,
    }
    return {**{name: value for name, value in counters.items() if value}, "ids": text(those, base)}


def indexes(task: Task) -> Indexes | None:
    """None for a single task. Raises ValueError on what is no range."""
    if (of := task.spec.range) is None:
        return None
    if not 0 <= of.end - of.start < MOST:
        raise ValueError(f"spec.range: {of.start} to {of.end} are no 1 to {MOST} integers")
    said = task.status.range or RangeStatus()
    ended, tried = _ended(said, task.spec.exit_conditions), _tried(said)
    found = Indexes(of.start, of.end, ended, tried)
    if sum(map(len, ended.values())) == found.total - len(found.open):
        return found
    return Indexes(of.start, of.end, _each_once(ended, Intervals([(of.start, of.end)])), tried)


def _each_once(ended: Ended, left: Intervals) -> Ended:
    """Whatever somebody has written there: what is none of the range counts nowhere, the rest where it stands first."""
    found = {}
    for how, those in ended.items():
        found[how] = those.within(left)
        left = Intervals(left.without(those))
    return {how: those for how, those in found.items() if those}


def _ended(said: RangeStatus, conditions: ExitConditions | None) -> Ended:
    good = consequence(conditions, 0, "")
    success = Outcome(exit_code=0, satisfies=good.dependency_action is DependencyAction.SATISFY)
    asking = Outcome(exit_code=0, satisfies=success.satisfies, asks=good.job_action)
    found = {success: read(said.succeeded, said.base)}
    if said.asking:
        found[asking] = read(said.asking, said.base)
    for each in said.failed:
        satisfies = each.dependency_action is DependencyAction.SATISFY
        how = Outcome(each.failure_code, each.exit_code, satisfies, each.job_action or JobAction.NONE)
        found[how] = read(each.ids, said.base)
    return {how: those for how, those in found.items() if those}


def _tried(said: RangeStatus) -> Tried:
    return {
        History(each.attempt, each.retry_count, each.requeue_count, each.recovery_count, each.pending_failure):
        read(each.ids, said.base)
        for each in said.tried
    }  # fmt: skip
