"""The door for what is said of a task: with its state goes what kstatus reads, and so Helm, Flux and Argo CD.

`Reconciling` while the task may still run, `Stalled` when it has failed or never runs; each is there only while it is true, so
that tasks that succeed cost nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from batchyard.core.actions import Manifest, Patch, patch_status
from batchyard.core.conditions import Observed, merge, true
from batchyard.core.facts import TaskFacts
from batchyard.core.happenings import Happening

KSTATUS = ("Reconciling", "Stalled")
Conditions = Sequence[Mapping[str, Any]]


def tell(task: TaskFacts, status: Manifest, now: float, *, lazy: float = 0, tells: tuple[Happening, ...] = ()) -> Patch:
    """One write. Of a single integer of a range nothing is added: the whole is told of by range_status.py."""
    if task.index is not None:
        return patch_status(task.ref, status, lazy=lazy, tells=tells)
    told: Conditions = status.get("conditions", task.conditions)
    conditions = [*(c for c in told if c["type"] not in KSTATUS)]
    if (seen := _seen(task, status, conditions)) is not None:
        conditions += merge(told, [seen], now=now, generation=task.generation)[:1]
    more = {} if conditions == [*task.conditions] else {"conditions": conditions}
    body = {"observedGeneration": task.generation, **status, **more}
    return patch_status(task.ref, body, lazy=lazy, tells=tells)


def unheard(task: TaskFacts) -> bool:
    """It rests, and was edited since: nobody else would say that nothing follows from it."""
    rests = task.state == "completed" or bool(task.refused)
    return rests and not task.deleting and task.observed_generation != task.generation


def _seen(task: TaskFacts, status: Manifest, conditions: Conditions) -> Observed | None:
    state = status.get("state", task.state)
    if state == "completed":
        return _ended(task, status)
    for each in conditions:
        if each["type"] == "Admitted" and each["status"] == "False":
            return true("Stalled", each["reason"], each["message"])
    return true("Reconciling", f"Task{state.capitalize()}", f"the task is {state}")


def _ended(task: TaskFacts, status: Manifest) -> Observed | None:
    info = status.get("executionInfo", {})
    if info.get("result", "success" if task.succeeded else "failure") == "success":
        return None
    if "result" not in info:  # said when it ended
        before = next((c for c in task.conditions if c["type"] == "Stalled"), None)
        return true("Stalled", "TaskFailed", str(before["message"]) if before else "the task has failed")
    return true("Stalled", "TaskFailed", _why(status, info))


def _why(status: Manifest, info: Manifest) -> str:
    if "range" in status:
        return f"{status['range']['counts']['failed']} of its tasks failed; see status.range.failed"
    failure, code = info.get("failureInfo") or {}, info.get("exitCode")
    said = f"{failure.get('code', '')}: {failure.get('message', '')}"
    return said if code is None else f"{said}; exit code {code}"
