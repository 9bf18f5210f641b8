"""What a BatchJobNode says about its node today. Questions about records, answered; what follows is decided elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from batchyard.api.job import Job
from batchyard.api.job_node import JobNode
from batchyard.api.states import StepState, TaskExecutionResult
from batchyard.core.facts import NodeFacts
from batchyard.core.tasks.scheduling import Readiness


@dataclass(frozen=True, slots=True)
class Record:
    """One record beside the job it is of and the Node as it is now (None: not in the cluster)."""

    record: JobNode
    job: Job | None
    node: NodeFacts | None
    pool_uid: str = ""
    """UID of the job's pool as it is now; empty when there is none."""
    left: bool = False
    """The node has left the pool, or begins anew in it: nothing of the job is there any more that is worth a release."""
    paused: bool = False
    """The node is being rebooted: nothing is prepared there meanwhile."""

    @property
    def pool_gone(self) -> bool:
        return self.left or self.record.spec.pool_uid != self.pool_uid

    @property
    def node_gone(self) -> bool:
        """The machine of the record is not there any more; another of its name is another machine."""
        return self.node is None or self.node.uid != self.record.spec.node_uid

    @property
    def replaced(self) -> bool:
        """Another machine has the name of the record's."""
        return self.node is not None and self.node_gone

    @property
    def orphaned(self) -> bool:
        """Of another job of this name, or of none that is there."""
        return self.job is None or self.job.uid != self.record.spec.job_uid

    @property
    def elsewhere(self) -> bool:
        """In a pool that the job has left: the passes of that pool release and wipe it (3.7.23)."""
        return self.job is not None and self.job.spec.pool_info.pool_id != self.record.spec.pool_id

    @property
    def stale(self) -> bool:
        """Of another job or pool, of a machine that was replaced, or wiped: no task starts before it is closed."""
        return self.orphaned or self.pool_gone or self.replaced or self.wiped or self.record.metadata.deleting

    @property
    def settled(self) -> bool:
        """Nothing of the job is left there: the record is kept to be read (3.9), until its place is needed.

        A machine that was replaced is wiped as any: Pods that were made for it are bound to its name, and may have started on
        the one that came; or it is the same one, registered anew.
        """
        return self.wiped or self.node is None

    @property
    def _this_boot(self) -> bool:
        info = self.record.status.job_preparation_task_execution_info
        return info is not None and self.node is not None and info.boot_id == self.node.boot_id

    def _prepared_as(self, result: TaskExecutionResult) -> bool:
        info = self.record.status.job_preparation_task_execution_info
        return info is not None and info.state is StepState.COMPLETED and info.result is result

    @property
    def prepared(self) -> bool:
        """Preparation succeeded in this boot of this machine (S1)."""
        return not self.node_gone and self._this_boot and self._prepared_as(TaskExecutionResult.SUCCESS)

    @property
    def failed(self) -> bool:
        """Preparation failed finally; a reboot gives it another chance if it is to run again after reboots (14.2)."""
        if not self._prepared_as(TaskExecutionResult.FAILURE) or self.job is None:
            return False
        preparation = self.job.spec.job_preparation_task
        return self._this_boot or preparation is None or not preparation.rerun_on_node_reboot_after_success

    @property
    def waits_for_preparation(self) -> bool:
        """Whether the job's tasks may not start here before preparation has succeeded."""
        preparation = self.job.spec.job_preparation_task if self.job else None
        return preparation is not None and preparation.wait_for_success

    def readiness(self, *, preparation_started: bool) -> Readiness:
        """How far the node is for the job's tasks (Azure 3.7: admission of tasks)."""
        if self.stale or self.node_gone:
            return Readiness.EXCLUDED
        if self.waits_for_preparation:
            if self.failed:
                return Readiness.EXCLUDED
            admitted = self.prepared
        else:
            has_preparation = self.job is not None and self.job.spec.job_preparation_task is not None
            admitted = preparation_started or not has_preparation or self.prepared or self.failed
        if not admitted:
            return Readiness.PREPARING
        return Readiness.READY if self.record.status.tasks_started else Readiness.UNMARKED

    @property
    def owes_release(self) -> bool:
        """A task was started and preparation succeeded in this incarnation, and no release has ended yet (14.1, S3, S4)."""
        if self.job is None or self.job.spec.job_release_task is None:
            return False
        if self.orphaned or self.settled or self.pool_gone or self.replaced:
            return False
        release = self.record.status.job_release_task_execution_info
        ended = release is not None and release.state is StepState.COMPLETED
        # Where tasks wait for preparation, one that was started proves it: what is written may be of a later run already.
        used = self.record.status.tasks_started and (
            self.waits_for_preparation or self._prepared_as(TaskExecutionResult.SUCCESS)
        )
        return used and not ended

    @property
    def wiped(self) -> bool:
        return self.record.status.wiped


def records(
    nodes: Mapping[str, JobNode],
    job: Job | None,
    cluster: Mapping[str, NodeFacts],
    pool_uid: str,
    left: AbstractSet[str] = frozenset(),
    paused: AbstractSet[str] = frozenset(),
) -> dict[str, Record]:
    return {
        name: Record(record, job, cluster.get(name), pool_uid, name in left, name in paused)
        for name, record in nodes.items()
    }
