"""What becomes of a task when its attempt ends: completed, once more, or given up (Azure sections 4.2 to 4.4). Writes the status only.

Three counters, never mixed: `retryCount` for the command's own failures, `requeueCount` for what users caused, `recoveryCount`
for what the cluster did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from batchyard.api.states import JobAction
from batchyard.core.actions import Patch
from batchyard.core.facts import TaskFacts
from batchyard.core.tasks import happened
from batchyard.core.tasks.evictions import Fate
from batchyard.core.tasks.telling import tell
from batchyard.core.tasks.verdicts import Ended, Lost, Verdict
from batchyard.core.times import stamp
from batchyard.node.protocol import TASK_ENDED, RunResult

USER_ERROR, SERVER_ERROR = "usererror", "servererror"
FAILURE_EXIT_CODE = "FailureExitCode"
MESSAGE_LIMIT = 1024
"""A kubelet's word about an image may be longer than the schema lets us repeat."""
MAX_RECOVERIES_REACHED = "MaxInternalRetryCountReached"

_SERVER_CODES = frozenset({"ResourceDirectoryCreateFailed", "DiskFull"})
_MESSAGES = {
    FAILURE_EXIT_CODE: "The task exited with an exit code representing a failure",
    TASK_ENDED: "The task was ended by a request, or because its wall clock ran out",
    "CommandProgramNotFound": "The specified command program is not found in the image",
    "CommandLaunchFailed": "The command cannot be launched: it is not executable, or the command line is not well formed",
    "ContainerInvalidImage": "The container image cannot be pulled",
    "DiskFull": "There is no space left on the node's disk",
    "ResourceDirectoryCreateFailed": "The task's directory cannot be made on the node",
}


CODES = frozenset({*_MESSAGES, *_SERVER_CODES, MAX_RECOVERIES_REACHED})
"""What we say ourselves. A command that writes its own end may say anything."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What besides the attempt's own end decides."""

    now: float
    job_max_retries: int
    max_recoveries: int
    fate: Fate | None = None
    """What a user has decided about the attempt, if it does not come to its own end."""


def settle(
    task: TaskFacts,
    verdict: Verdict,
    around: Surroundings,
    where: dict[str, Any],
    more: dict[str, Any] | None = None,
    container: dict[str, Any] | None = None,
) -> Patch:
    """The one write that records the end of the task's current attempt; `where` is its nodeInfo, `container` its containerInfo."""
    settled = _settled(task, verdict, around)
    if container and settled["state"] == "completed":
        settled["executionInfo"]["containerInfo"] = container
    status = {"nodeInfo": where, **(more or {}), **settled}
    return tell(task, status, around.now, tells=happened.at_end(task, settled, verdict.result))


def _settled(task: TaskFacts, verdict: Verdict, around: Surroundings) -> dict[str, Any]:
    match verdict:
        case Ended(result) if result.succeeded:
            return completed(result, around.now)
        case Lost() if task.pending_failure:
            return completed(RunResult(None, None, None, code=task.pending_failure), around.now)
        case Ended() | Lost() if around.fate is Fate.TERMINATE:
            return ended_by_request(verdict.result or RunResult(None, None, None), around.now)
        case Ended(result):
            return _failed(task, result, around)
        case Lost() if around.fate is Fate.REQUEUE:
            return again(task, {"requeueCount": task.requeue_count + 1, "lastRequeueTime": stamp(around.now)})
        case Lost(reason=reason):
            return _lost(task, reason, around)


def _failed(task: TaskFacts, result: RunResult, around: Surroundings) -> dict[str, Any]:
    limit = around.job_max_retries if task.max_retries is None else task.max_retries
    if result.code or (0 <= limit <= task.retry_count):
        return completed(result, around.now)
    return again(task, {"retryCount": task.retry_count + 1, "lastRetryTime": stamp(around.now)})


def _lost(task: TaskFacts, reason: str, around: Surroundings) -> dict[str, Any]:
    if task.recovery_count < around.max_recoveries:
        return {**again(task, {}), "recoveryCount": task.recovery_count + 1}
    message = f"taken away by the cluster {task.recovery_count + 1} times, the last time: {reason}"
    return completed(RunResult(None, None, None), around.now, code=MAX_RECOVERIES_REACHED, message=message)


def again(task: TaskFacts, counters: dict[str, Any]) -> dict[str, Any]:
    """Back to the queue; the next attempt's number is durable before its Pod can exist."""
    cleared: dict[str, Any] = {
        "startTime": None,
        "endTime": None,
        "exitCode": None,
        "result": None,
        "failureInfo": None,
        "containerInfo": None,
    }
    return {
        "state": "active",
        "attempt": task.attempt + 1,
        "nodeInfo": None,
        "jobAction": None,
        "executionInfo": {**cleared, **counters},
    }


def never_started(task: TaskFacts, now: float) -> Patch:
    """Ended by a request before it had an attempt."""
    status = ended_by_request(RunResult(None, None, None), now)
    return tell(task, status, now, tells=happened.at_end(task, status))


def ended_by_request(result: RunResult, now: float) -> dict[str, Any]:
    """A failure that its job has no part in."""
    return {**completed(result, now, code=TASK_ENDED), "jobAction": JobAction.NONE.value}


def completed(result: RunResult, now: float, *, code: str = "", message: str = "") -> dict[str, Any]:
    """The final status of a task. `code` overrides what the result itself says."""
    code = code or result.code or ("" if result.exit_code == 0 else FAILURE_EXIT_CODE)
    info: dict[str, Any] = {
        "endTime": result.end_time or stamp(now),
        "result": "failure" if code else "success",
        "failureInfo": failure(code, message) if code else None,
    }
    if result.exit_code is not None:
        info["exitCode"] = result.exit_code
    if result.start_time is not None:
        info["startTime"] = result.start_time
    return {"state": "completed", "executionInfo": info}


def failure(code: str, message: str = "") -> dict[str, Any]:
    return {
        "category": SERVER_ERROR if code in _SERVER_CODES else USER_ERROR,
        "code": code,
        "message": (message or _MESSAGES.get(code, code))[:MESSAGE_LIMIT],
    }
