"""BatchJobNode: what happened of one job on one node: preparation, tasks, release, wipe. Written by the operator only."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from .execution import JobPreparationTaskExecutionInformation, JobReleaseTaskExecutionInformation, WipeInformation
from .meta import Resource, Status
from .model import LabelName, Model, ObjectName, PlainUID, immutable, rules
from .states import StepState


class JobNodeSpec(Model):
    model_config = ConfigDict(
        json_schema_extra=rules(
            *(immutable(field, "this is the operator's record") for field in ("jobId", "jobUID", "nodeId", "directory"))
        )
    )

    job_id: LabelName
    """Name of the BatchJob."""
    job_uid: PlainUID = Field(alias="jobUID")
    """UID of the BatchJob."""
    pool_id: LabelName
    """Name of the BatchPool."""
    pool_uid: PlainUID = Field(alias="poolUID")
    """UID of the BatchPool; its directories on the node carry it."""
    node_id: ObjectName
    """Name of the cluster Node."""
    node_uid: PlainUID = Field(alias="nodeUID")
    """UID of the cluster Node; another UID under the same name is another machine."""
    directory: Annotated[str, Field(max_length=128, pattern=r"^workitems/[A-Za-z0-9_:-]{1,64}$")]
    """The job's directory below the pool's root on the node; wiped when the job is deleted."""


class JobNodeStatus(Status):
    tasks_started: bool = False
    """Whether a task of the job was ever started here; written before the first one is."""
    job_preparation_task_execution_info: JobPreparationTaskExecutionInformation | None = None
    """Latest run of the job's preparation task here."""
    job_release_task_execution_info: JobReleaseTaskExecutionInformation | None = None
    """Latest run of the job's release task here; absent until it has run."""
    wipe: WipeInformation | None = None
    """Removal of the job's directory here."""

    @property
    def wiped(self) -> bool:
        return self.wipe is not None and self.wipe.state is StepState.COMPLETED


class JobNode(Resource):
    """The record of one job on one node; outlives the node."""

    plural: ClassVar[str] = "batchjobnodes"
    short_name: ClassVar[str] = "bjnode"

    kind: Literal["BatchJobNode"] = "BatchJobNode"
    spec: JobNodeSpec
    """Which job on which node."""
    status: JobNodeStatus = JobNodeStatus()
    """What happened there."""
