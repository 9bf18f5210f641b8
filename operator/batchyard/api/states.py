"""Azure's words for states and options, with their wire values. Names only, no rules."""

from __future__ import annotations

from enum import StrEnum


class PoolState(StrEnum):
    ACTIVE = "active"
    DELETING = "deleting"


class AllocationState(StrEnum):
    STEADY = "steady"
    RESIZING = "resizing"


class NodeFillType(StrEnum):
    SPREAD = "spread"
    PACK = "pack"


class JobDefaultOrder(StrEnum):
    NONE = "none"
    CREATION_TIME = "creationtime"


class NodeDeallocationOption(StrEnum):
    REQUEUE = "requeue"
    TERMINATE = "terminate"
    TASK_COMPLETION = "taskcompletion"


class NodeState(StrEnum):
    CREATING = "creating"
    STARTING = "starting"
    WAITING_FOR_START_TASK = "waitingforstarttask"
    START_TASK_FAILED = "starttaskfailed"
    IDLE = "idle"
    RUNNING = "running"
    REBOOTING = "rebooting"
    REIMAGING = "reimaging"
    OFFLINE = "offline"
    LEAVING_POOL = "leavingpool"
    PREEMPTED = "preempted"
    UNUSABLE = "unusable"
    UNKNOWN = "unknown"


SERVING = (NodeState.IDLE, NodeState.RUNNING)
"""Of nodes that run tasks, or would if they were given some."""


class SchedulingState(StrEnum):
    ENABLED = "enabled"
    DISABLED = "disabled"


class NodeDisableSchedulingOption(StrEnum):
    REQUEUE = "requeue"
    TERMINATE = "terminate"
    TASK_COMPLETION = "taskcompletion"


class JobState(StrEnum):
    ACTIVE = "active"
    DISABLING = "disabling"
    DISABLED = "disabled"
    ENABLING = "enabling"
    TERMINATING = "terminating"
    COMPLETED = "completed"
    DELETING = "deleting"


class JobDesiredState(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"
    TERMINATED = "terminated"


class DisableTasks(StrEnum):
    REQUEUE = "requeue"
    TERMINATE = "terminate"
    WAIT = "wait"


class ReadyWhen(StrEnum):
    COMPLETED = "completed"
    STARTED = "started"


class OnAllTasksComplete(StrEnum):
    NO_ACTION = "noaction"
    TERMINATE_JOB = "terminatejob"


class OnTaskFailure(StrEnum):
    NO_ACTION = "noaction"
    PERFORM_EXIT_OPTIONS_JOB_ACTION = "performexitoptionsjobaction"


class TaskState(StrEnum):
    ACTIVE = "active"
    PREPARING = "preparing"
    RUNNING = "running"
    COMPLETED = "completed"


class TaskDesiredState(StrEnum):
    ACTIVE = "active"
    TERMINATED = "terminated"


class TaskExecutionResult(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"


class StepState(StrEnum):
    """State of a start, preparation, release or wipe step on one node."""

    RUNNING = "running"
    COMPLETED = "completed"


class ErrorCategory(StrEnum):
    USER_ERROR = "usererror"
    SERVER_ERROR = "servererror"


class JobAction(StrEnum):
    NONE = "none"
    DISABLE = "disable"
    TERMINATE = "terminate"


class DependencyAction(StrEnum):
    SATISFY = "satisfy"
    BLOCK = "block"


class ElevationLevel(StrEnum):
    NON_ADMIN = "nonadmin"
    ADMIN = "admin"


class AutoUserScope(StrEnum):
    TASK = "task"
    POOL = "pool"


class ContainerWorkingDirectory(StrEnum):
    TASK = "taskWorkingDirectory"
    IMAGE_DEFAULT = "containerImageDefault"


class ConditionStatus(StrEnum):
    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"
