"""Where docs/troubleshooting.md speaks of a reason. A test holds these words to the page."""

from __future__ import annotations

PAGE = "docs/troubleshooting.md"
SECTIONS = frozenset(
    {
        *("AllTasksComplete", "AllocationTimedout", "DependencyFailed", "ExceedsPool", "ImagePulling"),
        *("InvalidObject", "InvalidPropertyValue", "JobCompleted", "JobDeleting", "JobExists", "JobFailed"),
        *("JobTerminating", "LowerPriority", "MaxWallClockTimeExpiry", "Misconfigured", "NoMatchingNodes"),
        *("NodesNotServing", "NodesStarting", "NotImplemented", "NotPermitted", "PendingEvaluation", "PoolAtMaximum"),
        *("PoolExists", "PoolResizing", "PreparationFailed", "PreparationFailing", "ReleaseFailed"),
        *("StartTaskFailed", "Suspended", "TaskDependenciesNotSpecifiedOnJob", "TaskExists", "TaskFailed"),
        *("TaskIdSameAsJobPreparationTask", "TaskIdSameAsJobReleaseTask", "TaskNotCompleted", "TaskSucceeded"),
        *("TaskTerminated", "Terminated", "Unschedulable", "UserTerminate", "WaitingForDependency", "WaitingForSlot"),
    }
)
"""Reasons with a section of their own."""
CODES = frozenset(
    {
        *("CommandLaunchFailed", "CommandProgramNotFound", "ContainerInvalidImage", "DiskFull", "FailureExitCode"),
        *("MaxInternalRetryCountReached", "NothingToRelease", "ResourceDirectoryCreateFailed", "TaskEnded"),
    }
)
"""Of failures; a table has them all."""
OF_CODES = "why-a-task-failed"


def address(word: str, page: str = PAGE) -> str:
    """`page`: where it is read. Empty of a word that needs no explanation."""
    if word in CODES:
        return f"{page}#{OF_CODES}"
    return f"{page}#{word.lower()}" if word in SECTIONS else ""
