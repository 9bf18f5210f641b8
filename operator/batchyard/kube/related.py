"""What belongs to one job, whether the job itself is there or not. Holds, decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet

from batchyard.api import names
from batchyard.api.job_node import JobNode
from batchyard.core.facts import DaemonSetFacts, PodFacts, TaskFacts
from batchyard.core.memory import Memory
from batchyard.kube.job_tasks import TaskIndex
from batchyard.kube.pods import PodIndex
from batchyard.kube.shelf import Shelf


class Related:
    """Jobs of one name may follow each other: tasks are those of the last one, the rest is cleaned up whoever left it."""

    def __init__(self) -> None:
        self.tasks = TaskIndex()
        self.nodes: Shelf[str, JobNode] = Shelf()
        self.pods = PodIndex()
        self.memory = Memory()
        self.daemon_set: DaemonSetFacts | None = None
        self.troubles: dict[str, AbstractSet[str]] = {}
        """By pool: each says only what was refused in its own passes, so none takes back what another says."""
        self._recorded: Counter[str] = Counter()  # records by pool
        self._unwiped: Counter[str] = Counter()
        self._job_uid = ""
        self._strangers: dict[str, TaskFacts] = {}  # tasks of an earlier job, until the garbage collector takes them

    @property
    def empty(self) -> bool:
        things = self.tasks.by_uid, self._strangers, self.nodes, self.pods
        return self.daemon_set is None and not any(things)

    def put_record(self, record: JobNode) -> None:
        self.drop_record(record.spec.node_id)
        self.nodes[record.spec.node_id] = record
        self._recorded[record.spec.pool_id] += 1
        self._unwiped[record.spec.pool_id] += not record.status.wiped

    def drop_record(self, node: str) -> None:
        old = self.nodes.pop(node, None)
        if old is not None:
            self._recorded[old.spec.pool_id] -= 1
            self._unwiped[old.spec.pool_id] -= not old.status.wiped

    @property
    def pools_in_use(self) -> set[str]:
        """The pools on whose nodes something of the job is left: it may have had another pool before."""
        return set(+self._unwiped)

    @property
    def pools(self) -> AbstractSet[str]:
        """The pools in which something of the job is left: its records know best.

        Asked with every Pod and task while the job itself is not listed yet, so it looks at none of them.
        """
        makers = {self.daemon_set.pool} if self.daemon_set is not None else set()
        return (set(+self._recorded) or set(+self.pods.pools) or makers) - {""}

    def belong_to(self, job_uid: str) -> None:
        """From now on only its tasks count: what an earlier job of the name has done satisfies nothing in this one."""
        before, self._job_uid = self._job_uid, job_uid
        if before == job_uid or not (before or any(map(self._strange, self.tasks.by_uid.values()))):
            return
        known = [*self.tasks.by_uid.values(), *self._strangers.values()]
        self.tasks, self._strangers = TaskIndex(), {}
        for task in known:
            self.put_task(task)
        for pod in self.pods.tasks:
            self.seat(pod, 1)

    def seat(self, pod: PodFacts, step: int) -> None:
        """A Pod of a task of the job came (1) or went (-1); one that only its log keeps stands for nobody."""
        if pod.component == names.COMPONENT_TASK and pod.owner_uid == pod.unit[0] and not pod.kept:
            self.tasks.seat(pod, step)

    def put_task(self, task: TaskFacts) -> None:
        if self._strange(task):
            self._strangers[task.ref.uid] = task
        else:
            self.tasks.put(task)

    def drop_task(self, uid: str) -> None:
        self._strangers.pop(uid, None)
        self.tasks.drop(uid)

    def _strange(self, task: TaskFacts) -> bool:
        return self._job_uid != "" and task.job_uid not in ("", self._job_uid)
