"""Which tasks another one still waits for, with their states, as far as the objects tell. The operator decides; this explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from batchyard.cli.show import ranges
from batchyard.cli.show.objects import Object, at
from batchyard.cli.show.progress import task_id
from batchyard.cli.show.tasks import state
from batchyard.cli.show.why import Reason

SHOWN = 3
_SUCCEEDED, _FAILED, _MISSING = ranges.SUCCEEDED, ranges.FAILED, "does not exist"
States = Mapping[str, str]


def blocked(task: Object, tasks: Sequence[Object]) -> Reason | None:
    """None when all that it waits for have let it go."""
    states = _states(tasks)
    unmet = [*_ids(task, states), *_ranges(task, states)]
    if not unmet:
        return None
    more = f" and {len(unmet) - SHOWN} more" if len(unmet) > SHOWN else ""
    message = f"waits for {', '.join(unmet[:SHOWN])}{more}"
    if failed := [each for each in _named(task) if states.get(each.lower()) == _FAILED]:
        step = f"batchyard task reactivate {at(task, 'spec.jobId')} {failed[0]}"
        return Reason("DependencyFailed", f"{message}; {failed[0]} has failed and does not satisfy it", step)
    return Reason("WaitingForDependency", message, "wait, or add the tasks that are missing")


def _named(task: Object) -> Sequence[str]:
    return at(task, "spec.dependsOn.taskIds", [])  # type: ignore[no-any-return]


def _ids(task: Object, states: States) -> list[str]:
    found = ((each, states.get(each.lower(), _MISSING)) for each in _named(task))
    return [f"{each} ({state})" for each, state in found if state != _SUCCEEDED]


def _ranges(task: Object, states: States) -> list[str]:
    return [told for each in at(task, "spec.dependsOn.taskIdRanges", []) if (told := _range(each, states))]


def _range(wanted: Object, states: States) -> str:
    start, end = wanted["start"], wanted["end"]
    unmet = [number for number in range(start, end + 1) if states.get(str(number)) != _SUCCEEDED]
    if not unmet:
        return ""
    return f"{len(unmet)} of {start}-{end}, the first is {unmet[0]} ({states.get(str(unmet[0]), _MISSING)})"


def _states(tasks: Sequence[Object]) -> States:
    """By id in lower case, and by number without leading zeros."""
    found: dict[str, str] = {}
    for task in tasks:
        if (bounds := ranges.bounds(task)) is not None:
            found |= dict.fromkeys(map(str, range(bounds[0], bounds[1] + 1)), "open")
            found |= {str(number): word for number, word in ranges.states(task)}
            continue
        key = task_id(task).lower()
        found[key] = _state(task)
        if key.isascii() and key.isdigit():
            found[str(int(key))] = found[key]
    return found


def _state(task: Object) -> str:
    if state(task) != "completed":
        return state(task)
    if at(task, "status.executionInfo.result") != "failure":
        return _SUCCEEDED
    # What its exit conditions make of a failure is for the operator to say; if it satisfies nobody, the job says so.
    return _SUCCEEDED if "satisfy" in str(at(task, "spec.exitConditions", {})) else _FAILED
