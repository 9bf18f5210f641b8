"""How a run ended, for start, preparation, release and ordinary tasks alike. Facts only, judged elsewhere."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .meta import Timestamp
from .model import UID, Count, Message, Model
from .states import ErrorCategory, StepState, TaskExecutionResult

Code = Annotated[str, Field(max_length=128)]
Path = Annotated[str, Field(max_length=1024)]


class FailureInfo(Model):
    category: ErrorCategory
    """usererror: something to change in the task. servererror: something went wrong around it."""
    code: Code
    """Azure's code, for example FailureExitCode, CommandProgramNotFound or TaskEnded."""
    message: Message = ""
    """What happened, in a sentence."""


class ContainerInfo(Model):
    container_id: Annotated[str, Field(max_length=256)] = ""
    """Identity of the container, as the container runtime has it."""
    state: Annotated[str, Field(max_length=128)] = ""
    """The container's last state."""
    error: Message = ""
    """What the container runtime said about it, if it could not start or was killed."""


class Execution(Model):
    start_time: Timestamp | None = None
    """When the latest run started (UTC)."""
    end_time: Timestamp | None = None
    """When the latest run ended (UTC). Only when completed."""
    exit_code: int | None = None
    """Exit code of the command. Only when completed; absent if the command never ran."""
    container_info: ContainerInfo | None = None
    """The container it ran in."""
    failure_info: FailureInfo | None = None
    """Why it failed. Absent after success."""
    result: TaskExecutionResult | None = None
    """success (exit code 0) or failure. Only when completed."""


class RetriedExecution(Execution):
    retry_count: Count = 0
    """How often the command was run again after a non-zero exit code. Reboots and recoveries do not count."""
    last_retry_time: Timestamp | None = None
    """When the latest retry started (UTC)."""


class TaskExecutionInformation(RetriedExecution):
    requeue_count: Count = 0
    """How often a user's action put the task back into the queue: pool shrunk, job or node disabled."""
    last_requeue_time: Timestamp | None = None
    """When that last happened (UTC)."""


class StartTaskInformation(RetriedExecution):
    state: StepState
    """running (retries included) or completed."""


class JobPreparationTaskExecutionInformation(RetriedExecution):
    state: StepState
    """running (retries included) or completed."""
    task_root_directory: Path = ""
    """Its directory on the node, below AZ_BATCH_NODE_ROOT_DIR."""
    boot_id: UID = Field(default="", alias="bootID")
    """The boot of the node in which it ran."""


class JobReleaseTaskExecutionInformation(Execution):
    state: StepState
    """running or completed."""
    task_root_directory: Path = ""
    """Its directory on the node, below AZ_BATCH_NODE_ROOT_DIR."""


class WipeInformation(Model):
    state: StepState
    """running or completed."""
    end_time: Timestamp | None = None
    """When the directory was gone (UTC)."""
