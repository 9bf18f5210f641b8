"""What a BatchNode's status says: Azure's word, what runs there, how the start task went. Derived from facts at every pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from batchyard.api.execution import StartTaskInformation
from batchyard.api.states import NodeState
from batchyard.core.actions import Action, Emit, patch_status, ref
from batchyard.core.differences import merge_patch
from batchyard.core.facts import PodFacts
from batchyard.core.pods.pool import START_TASK
from batchyard.core.pools.fleet import IDLE, Fleet, Load, PoolNode, troubles
from batchyard.core.tasks.outcomes import FAILURE_EXIT_CODE, MESSAGE_LIMIT, failure
from batchyard.core.tasks.verdicts import init_result
from batchyard.core.times import stamp

SETTLE_SECONDS = 10
"""Between idle and running a node goes to and fro with every short task: what it does may be told so much later."""
BUSY = (NodeState.IDLE, NodeState.RUNNING)


def plan_status(nodes: Fleet, load: Mapping[str, Load], now: float) -> Iterator[Action]:
    """Writes what changed of each node whose machine is there."""
    for name, node in nodes.items():
        if not node.lost:
            yield from _status(node, load.get(name, IDLE), now)


def _status(node: PoolNode, load: Load, now: float) -> Iterator[Action]:
    member = node.member
    before = member.status.to_wire()
    word = node.state(load.tasks)
    flipped = word is not member.status.state
    boot = node.node.boot_id if node.node else ""
    desired = {
        **before,
        "observedGeneration": member.metadata.generation,
        "state": word.value,
        "stateTransitionTime": stamp(now) if flipped else before.get("stateTransitionTime"),
        "schedulingState": member.spec.scheduling_state.value,
        "isDedicated": member.spec.is_dedicated,
        "ipAddress": node.node.address if node.node else "",
        "allocationTime": before.get("allocationTime") or stamp(now),
        "runningTasksCount": load.tasks,
        "runningTaskSlotsCount": load.slots,
        "bootID": boot,
        "lastBootTime": before.get("lastBootTime") if boot == member.status.boot_id else stamp(now),
        "errors": [*_errors(node)],
    }
    if (info := _start_task_info(node.pod)) is not None:
        desired["startTaskInfo"] = info
    if not (patch := merge_patch(before, desired)):
        return
    yield patch_status(ref(member), patch, lazy=SETTLE_SECONDS if word in BUSY and member.status.state in BUSY else 0)
    if flipped and word is NodeState.START_TASK_FAILED:
        message = (
            f"on node {member.spec.node_id}; correct the pool's startTask, then raise spec.reboots of this BatchNode"
        )
        yield Emit(ref(member), "Warning", "StartTaskFailed", message)


def _errors(node: PoolNode) -> Iterator[dict[str, str]]:
    """Why the node is unusable."""
    if node.node is not None and node.node.disk_full:
        message = "the Node's condition DiskPressure is True; free space on it, it then serves again by itself"
        yield {"code": "DiskFull", "message": message}
    if node.pod is not None:
        for trouble in troubles(node.pod):
            message = f"{trouble}; correct the image in the pool, then raise spec.reboots of this BatchNode"
            yield {"code": "ContainerInvalidImage", "message": message[:MESSAGE_LIMIT]}


def _start_task_info(pod: PodFacts | None) -> dict[str, Any] | None:
    if pod is None:
        return None
    container = pod.container(START_TASK)
    if (result := init_result(container)) is not None:
        info = {
            "state": "completed",
            "startTime": result.start_time,
            "endTime": result.end_time,
            "exitCode": result.exit_code,
            "result": "success" if result.succeeded else "failure",
            "retryCount": result.retry_count,
            "lastRetryTime": result.last_retry_time,
            "failureInfo": None if result.succeeded else failure(result.code or FAILURE_EXIT_CODE),
        }
        return StartTaskInformation.model_validate(
            info
        ).to_wire()  # as it is read back, or it would be written for ever
    if container.running_since is not None:
        return {"state": "running", "startTime": stamp(container.running_since), "retryCount": 0}
    return None
