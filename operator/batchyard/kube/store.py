"""All we know of the cluster, indexed by what passes ask for. A cache: everything in it comes from the API server.

Says which pools an object concerns whenever one changes; decides nothing. What is asked of it is in kube/snapshots.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import replace
from typing import Any

from batchyard.api import names
from batchyard.api.job import Job
from batchyard.api.job_node import JobNode
from batchyard.api.node import Node
from batchyard.api.pool import Pool
from batchyard.core.facts import DaemonSetFacts, NodeFacts, PodFacts, TaskFacts
from batchyard.core.memory import Memory
from batchyard.core.quarantine import Broken
from batchyard.core.snapshot import Rules
from batchyard.kube.clock import REAL, Clock
from batchyard.kube.concerns import Concerns, Key
from batchyard.kube.ids import Ids
from batchyard.kube.pods import PodIndex
from batchyard.kube.related import Related
from batchyard.kube.shelf import Shelf


class Store:
    """Filled by sinks (kube/tables.py): each `put_` takes the parsed object, or None when it is gone."""

    def __init__(self, rules: Rules, wake: Callable[[Key], None], clock: Clock = REAL) -> None:
        self.rules = rules
        self._clock = clock
        self._wake = wake
        self.pools: dict[Key, Pool] = {}
        self.members: dict[Key, Node] = {}
        self.jobs: dict[Key, Job] = {}
        self.job_nodes: dict[Key, JobNode] = {}
        self.tasks: dict[Key, TaskFacts] = {}
        self.pods: dict[Key, PodFacts] = {}
        self.nodes: Shelf[str, NodeFacts] = Shelf()
        self.daemon_sets: dict[Key, DaemonSetFacts] = {}
        self.ending_namespaces: set[str] = set()
        self.broken: dict[tuple[str, str, str], Broken] = {}
        self.ids: Ids[Job] = Ids()
        self.pool_ids: Ids[Pool] = Ids()
        self.concerns = Concerns()
        self.related: defaultdict[Key, Related] = defaultdict(Related)
        self.members_of: defaultdict[Key, Shelf[str, Node]] = defaultdict(Shelf)
        self.pods_of: defaultdict[Key, PodIndex] = defaultdict(PodIndex)
        self.memories: defaultdict[Key, Memory] = defaultdict(Memory)

    # What belongs to pools.

    def put_pool(self, key: Key, pool: Pool | None) -> None:
        old = self.pools.get(key)
        _put(self.pools, key, pool)
        if old is not None:
            self.pool_ids.drop(old)
        if pool is not None:
            self.pool_ids.put(pool)
        # Whether an id is taken may have changed for those that want it too.
        self._wake_all([o.key for each in (old, pool) if each is not None for o in self.pool_ids.namesakes(each)])
        self._wake(key)

    def put_member(self, key: Key, member: Node | None) -> None:
        old = self.members.get(key)
        _put(self.members, key, member)
        if old is not None:
            self.members_of[_pool_of(old)].pop(old.spec.node_id, None)
        if member is not None:
            self.members_of[_pool_of(member)][member.spec.node_id] = member
        for pool in {_pool_of(each) for each in (old, member) if each is not None}:
            self._wake(pool)

    def put_node(self, key: Key, node: NodeFacts | None) -> None:
        """What kubelets write every few seconds leaves the facts as they are and wakes nobody."""
        old = self.nodes.get(key[1])
        if node is not None:
            same_boot = old is not None and old.boot_id == node.boot_id
            node = replace(node, boot_seen=old.boot_seen if old is not None and same_boot else self._clock.now())
        if node != old:
            _put(self.nodes, key[1], node)
            self._wake_all(self._known_pools())

    def put_namespace(self, key: Key, ending: bool | None) -> None:
        name = key[1]
        if bool(ending) != (name in self.ending_namespaces):
            (self.ending_namespaces.add if ending else self.ending_namespaces.discard)(name)
            self._wake_all(pool for pool in self._known_pools() if pool[0] == name)

    # What belongs to jobs.

    def put_job(self, key: Key, job: Job | None) -> None:
        old = self.jobs.get(key)
        _put(self.jobs, key, job)
        if old is not None:
            self.ids.drop(old)
        if job is not None:
            self.ids.put(job)
            self.related[key].belong_to(job.uid)
            self.related[key].tasks.remember(job.status.satisfied)
        self._changed(key)
        # Whether an id is taken may have changed for those that want it too.
        others = (other for each in (old, job) if each is not None for other in self.ids.namesakes(each))
        self._wake_all([(other.namespace, other.spec.pool_info.pool_id) for other in others])

    def put_job_node(self, key: Key, record: JobNode | None) -> None:
        old = self.job_nodes.get(key)
        _put(self.job_nodes, key, record)
        if old is not None:
            self.related[_job_of(old)].drop_record(old.spec.node_id)
        if record is not None:
            self.related[_job_of(record)].put_record(record)
        self._changed(*(_job_of(each) for each in (old, record) if each is not None))

    def put_task(self, key: Key, task: TaskFacts | None) -> None:
        old = self.tasks.get(key)
        _put(self.tasks, key, task)
        if old is not None and (task is None or task.ref.uid != old.ref.uid or task.job != old.job):
            self.related[key[0], old.job].drop_task(old.ref.uid)
        if task is not None:
            self.related[key[0], task.job].put_task(task)
        self._changed(*((key[0], each.job) for each in (old, task) if each is not None))

    # What belongs to either.

    def put_pod(self, key: Key, pod: PodFacts | None) -> None:
        old = self.pods.get(key)
        _put(self.pods, key, pod)
        if old is not None:
            self._place(old).drop(old)
        if pod is not None:
            self._place(pod).put(pod)
        for each, step in ((pod, 1), (old, -1)):
            if each is not None:
                namespace, pool, job = self._belongs(each)
                if job:
                    self.related[namespace, job].seat(each, step)
                    self._changed((namespace, job))
                else:
                    self._wake((namespace, pool))

    def put_daemon_set(self, key: Key, found: DaemonSetFacts | None) -> None:
        old = self.daemon_sets.get(key)
        _put(self.daemon_sets, key, found)
        for each in (old, found):
            if each is not None and each.job:
                self.related[key[0], each.job].daemon_set = each if each is found else None
                self._changed((key[0], each.job))
            elif each is not None:
                self._wake((key[0], each.pool))

    # What is said.

    def put_broken(self, kind: str, key: Key, what: Broken | None) -> None:
        """An object that cannot be read stays as it was last understood; its namespace's key `` is where it is told."""
        before = self.broken.get((kind, *key))
        _put(self.broken, (kind, *key), what)
        if what != before:
            self._wake((key[0], ""))

    def knows(self, pool: Key) -> bool:
        """Whether there is anything of the pool, or of anybody who names it."""
        things = self.pools.get(pool), self.members_of.get(pool), self.pods_of.get(pool), self.concerns.jobs(pool)
        return any(things) or (pool[1] == "" and any(self.broken_in(pool[0])))

    def forget(self, pool: Key) -> None:
        """Of a pool that nobody knows any more, what was kept so that its passes cost less."""
        for table in (self.members_of, self.pods_of, self.memories):
            table.pop(pool, None)

    def broken_in(self, namespace: str) -> list[Broken]:
        return [what for (_, where, _), what in self.broken.items() if where == namespace]

    def note_troubles(self, pool: Key, by_job: dict[str, list[str]]) -> None:
        """What the API server refused in the latest pass of the pool; what it did not repeat is over."""
        for job in (*self.concerns.jobs(pool),):
            said, troubles = {*by_job.get(job, ()), *by_job.get("", ())}, self.related[pool[0], job].troubles
            if said != troubles.get(pool[1], set()):
                _put(troubles, pool[1], said or None)
                self._changed((pool[0], job))

    # Who is woken.

    def _changed(self, *jobs: Key) -> None:
        """Work on a job is done under the pool that it names; what it left behind in others, under those."""
        for key in dict.fromkeys(jobs):
            job, related = self.jobs.get(key), self.related[key]
            pools = related.pools_in_use | {job.spec.pool_info.pool_id} if job is not None else related.pools
            for left in related.troubles.keys() - pools:
                del related.troubles[left]
            self._wake_all(self.concerns.move(key, pools))
            if job is None and related.empty:
                del self.related[key]

    def _known_pools(self) -> set[Key]:
        """Those that are there and those that are only spoken of."""
        return {*self.pools, *self.concerns.pools}

    def _wake_all(self, pools: Iterable[Key]) -> None:
        for pool in pools:
            self._wake(pool)

    def _place(self, pod: PodFacts) -> PodIndex:
        namespace, pool, job = self._belongs(pod)
        return self.related[namespace, job].pods if job else self.pods_of[namespace, pool]

    def _belongs(self, pod: PodFacts) -> tuple[str, str, str]:
        """Namespace, pool and job that a Pod serves. Only wipe Pods, in our own namespace, may serve another than theirs."""
        namespace = pod.ref.namespace
        if namespace == self.rules.namespace:
            namespace = pod.labels.get(names.LABEL_NAMESPACE, namespace)
        return namespace, pod.labels.get(names.LABEL_POOL, ""), pod.labels.get(names.LABEL_JOB, "")


def _pool_of(member: Node) -> Key:
    return member.namespace, member.spec.pool_id


def _job_of(record: JobNode) -> Key:
    return record.namespace, record.spec.job_id


def _put(table: MutableMapping[Any, Any], key: Any, value: Any) -> None:
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value
