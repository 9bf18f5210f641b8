"""What a BatchNode's status says: Azure's word, what runs there, how the start task went. Derived from facts at every pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from batchyard.api.execution import StartTaskInformation
from batchyard.api.states import SERVING, NodeState
from batchyard.core.actions import Action, Emit, patch_status, ref
from batchyard.core.differences import merge_patch
from batchyard.core.facts import PodFacts
from batchyard.core.load import IDLE, Load
from batchyard.core.memory import Memory
from batchyard.core.pods.pool import START_TASK
from batchyard.core.pools.fleet import Fleet
from batchyard.core.pools.pool_node import PoolNode, troubles
from batchyard.core.tasks.outcomes import FAILURE_EXIT_CODE, MESSAGE_LIMIT, failure
from batchyard.core.tasks.verdicts import init_result
from batchyard.core.times import stamp

SETTLE_SECONDS = 10
"""Between idle and running a node goes to and fro with every short task: what it does may be told so much later."""


def plan_status(nodes: Fleet, load: Mapping[str, Load], now: float, memory: Memory) -> Iterator[Action]:
    """Writes what changed of each node: looks where other tasks run than it says, or something else is new."""
    told = memory.ask(_told, memory, nodes)
    elsewhere = {name for name, _ in told.load.items() ^ load.items()}
    for name in sorted(elsewhere | told.amiss):
        if (node := nodes.get(name)) is not None:
            yield from _status(node, load.get(name, IDLE), now)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the nodes' status says."""

    load: Mapping[str, Load]
    amiss: frozenset[str]
    """Nodes of which something else is to be said, the load being what it says."""


def _told(memory: Memory, nodes: Fleet) -> _Told:
    says = memory.each(_says, {name: (node,) for name, node in nodes.items()})
    load = {name: load for name, (load, _) in says.items() if load != IDLE}
    return _Told(load, frozenset(name for name, (_, right) in says.items() if not right))


def _says(node: PoolNode) -> tuple[Load, bool]:
    status = node.member.status
    load = Load(status.running_tasks_count, status.running_task_slots_count)
    before = status.to_wire()
    return load, not merge_patch(before, _desired(node, load, before, 0))


def _status(node: PoolNode, load: Load, now: float) -> Iterator[Action]:
    member = node.member
    before = member.status.to_wire()
    if not (patch := merge_patch(before, _desired(node, load, before, now))):
        return
    word = node.state(load.tasks)
    to_and_fro = word in SERVING and member.status.state in SERVING
    yield patch_status(ref(member), patch, lazy=SETTLE_SECONDS if to_and_fro else 0)
    if word is NodeState.START_TASK_FAILED and member.status.state is not word:
        message = (
            f"on node {member.spec.node_id}; correct the pool's startTask, then raise spec.reboots of this BatchNode"
        )
        yield Emit(ref(member), "Warning", "StartTaskFailed", message)


def _desired(node: PoolNode, load: Load, before: Mapping[str, Any], now: float) -> dict[str, Any]:
    """`now` is told only of what is new."""
    member, word = node.member, node.state(load.tasks)
    boot = node.node.boot_id if node.node else member.status.boot_id
    info = _as_told(before.get("startTaskInfo"), _start_task_info(node.pod))
    return {
        **before,
        "observedGeneration": member.metadata.generation,
        "state": word.value,
        "stateTransitionTime": before.get("stateTransitionTime") if word is member.status.state else stamp(now),
        "schedulingState": member.spec.scheduling_state.value,
        "isDedicated": member.spec.is_dedicated,
        "ipAddress": node.node.address if node.node else "",
        "allocationTime": before.get("allocationTime") or stamp(now),
        "runningTasksCount": load.tasks,
        "runningTaskSlotsCount": load.slots,
        "bootID": boot,
        "lastBootTime": before.get("lastBootTime") if boot == member.status.boot_id else stamp(now),
        "errors": [*_errors(node)],
        **({"startTaskInfo": info} if info is not None else {}),
    }


def _errors(node: PoolNode) -> Iterator[dict[str, str]]:
    """Why the node is unusable."""
    if node.node is not None and node.node.disk_full:
        message = "the Node's condition DiskPressure is True; free space on it, it then serves again by itself"
        yield {"code": "DiskFull", "message": message}
    if node.pod is not None:
        for trouble in troubles(node.pod):
            message = f"{trouble}; correct the image in the pool, then raise spec.reboots of this BatchNode"
            yield {"code": "ContainerInvalidImage", "message": message[:MESSAGE_LIMIT]}


def _as_told(before: dict[str, Any] | None, info: dict[str, Any] | None) -> dict[str, Any] | None:
    """A start task that has finally failed is restarted by the kubelet for ever, and each restart recalls the same run: nothing new."""
    if before is not None and info is not None and {**before, "containerInfo": None} == {**info, "containerInfo": None}:
        return before
    return info


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
            "containerInfo": {"containerId": container.last_end_id, "state": "exited"},
        }
        return StartTaskInformation.model_validate(
            info
        ).to_wire()  # as it is read back, or it would be written for ever
    if container.running_since is not None:
        return {"state": "running", "startTime": stamp(container.running_since), "retryCount": 0}
    return None
