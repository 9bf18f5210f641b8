"""What `kubectl get` shows of each kind and what it can select by. Headers without spaces; `-o wide` columns are marked wide."""

from __future__ import annotations

from dataclasses import dataclass

from .job import Job
from .job_node import JobNode
from .meta import Resource
from .node import Node
from .pool import Pool
from .task import Task


@dataclass(frozen=True)
class Column:
    name: str
    path: str
    type: str = "string"
    wide: bool = False


def _reason(condition: str) -> str:
    return f'.status.conditions[?(@.type=="{condition}")].reason'


_AGE = Column("Age", ".metadata.creationTimestamp", "date")
_PREPARATION = ".status.jobPreparationTaskExecutionInfo"
_RELEASE = ".status.jobReleaseTaskExecutionInfo"

COLUMNS: dict[type[Resource], tuple[Column, ...]] = {
    Pool: (
        Column("State", ".status.state"),
        Column("Allocation", ".status.allocationState"),
        Column("Nodes", ".status.currentDedicatedNodes", "integer"),
        Column("Target", ".spec.targetDedicatedNodes", "integer"),
        Column("Low", ".status.currentLowPriorityNodes", "integer", wide=True),
        Column("LowTarget", ".spec.targetLowPriorityNodes", "integer", wide=True),
        Column("Idle", ".status.nodeCounts.idle", "integer"),
        Column("Running", ".status.nodeCounts.running", "integer"),
        Column("Reason", _reason("Ready")),
        Column("Slots", ".spec.taskSlotsPerNode", "integer", wide=True),
        _AGE,
    ),
    Node: (
        Column("Pool", ".spec.poolId"),
        Column("Node", ".spec.nodeId"),
        Column("State", ".status.state"),
        Column("Scheduling", ".spec.schedulingState"),
        Column("Tasks", ".status.runningTasksCount", "integer"),
        Column("Dedicated", ".spec.isDedicated", "boolean", wide=True),
        Column("IP", ".status.ipAddress", wide=True),
        _AGE,
    ),
    Job: (
        Column("State", ".status.state"),
        Column("Pool", ".spec.poolInfo.poolId"),
        Column("Active", ".status.taskCounts.active", "integer"),
        Column("Running", ".status.taskCounts.running", "integer"),
        Column("Done", ".status.taskCounts.completed", "integer"),
        Column("Failed", ".status.taskCounts.failed", "integer"),
        Column("Reason", _reason("Admitted")),
        Column("Priority", ".spec.priority", "integer", wide=True),
        Column("Ended", ".status.executionInfo.terminateReason", wide=True),
        _AGE,
    ),
    JobNode: (
        Column("Job", ".spec.jobId"),
        Column("Node", ".spec.nodeId"),
        Column("Prep", f"{_PREPARATION}.state"),
        Column("Exit", f"{_PREPARATION}.exitCode", "integer"),
        Column("Tries", f"{_PREPARATION}.retryCount", "integer"),
        Column("Release", f"{_RELEASE}.state"),
        Column("ReleaseExit", f"{_RELEASE}.exitCode", "integer"),
        Column("Wipe", ".status.wipe.state", wide=True),
        _AGE,
    ),
    Task: (
        Column("Job", ".spec.jobId"),
        Column("State", ".status.state"),
        Column("Succeeded", ".status.range.counts.succeeded", "integer"),
        Column("Failed", ".status.range.counts.failed", "integer"),
        Column("Node", ".status.nodeInfo.nodeId"),
        Column("Exit", ".status.executionInfo.exitCode", "integer"),
        Column("Result", ".status.executionInfo.result"),
        Column("Retries", ".status.executionInfo.retryCount", "integer"),
        Column("Reason", _reason("Admitted")),
        Column("Code", ".status.executionInfo.failureInfo.code", wide=True),
        Column("Recoveries", ".status.recoveryCount", "integer", wide=True),
        _AGE,
    ),
}

SELECTABLE: dict[type[Resource], tuple[str, ...]] = {
    Pool: (".status.state",),
    Node: (".spec.poolId", ".spec.nodeId", ".status.state"),
    Job: (".spec.poolInfo.poolId", ".status.state"),
    JobNode: (".spec.jobId", ".spec.poolId", ".spec.nodeId"),
    Task: (".spec.jobId", ".status.state", ".status.nodeInfo.nodeId"),
}
