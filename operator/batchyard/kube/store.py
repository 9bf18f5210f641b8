"""All we know of the cluster, indexed by what passes ask for. A cache: everything in it comes from the API server.

Says which pools an object concerns whenever one changes; decides nothing.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from batchyard.api import names
from batchyard.api.job import Job
from batchyard.api.job_node import JobNode
from batchyard.api.node import Node
from batchyard.api.pool import Pool
from batchyard.core.facts import DaemonSetFacts, NodeFacts, PodFacts, TaskFacts
from batchyard.core.quarantine import Broken
from batchyard.core.snapshot import JobView, Rules, Snapshot
from batchyard.kube.job_tasks import TaskIndex

Key = tuple[str, str]
"""Namespace and name: of a pool that objects concern, or of the object itself."""


@dataclass
class Related:
    """What belongs to one job, present or not."""

    tasks: TaskIndex = field(default_factory=TaskIndex)
    nodes: dict[str, JobNode] = field(default_factory=dict)
    pods: dict[Key, PodFacts] = field(default_factory=dict)


class Store:
    """Filled by sinks (kube/tables.py); asked for snapshots by the loops."""

    def __init__(self, rules: Rules, wake: Callable[[Key], None]) -> None:
        self.rules = rules
        self._wake = wake
        self.pools: dict[Key, Pool] = {}
        self.members: dict[Key, Node] = {}
        self.jobs: dict[Key, Job] = {}
        self.job_nodes: dict[Key, JobNode] = {}
        self.tasks: dict[Key, TaskFacts] = {}
        self.pods: dict[Key, PodFacts] = {}
        self.nodes: dict[str, NodeFacts] = {}
        self.daemon_sets: dict[Key, DaemonSetFacts] = {}
        self.ending_namespaces: set[str] = set()
        self.broken: dict[tuple[str, str, str], Broken] = {}
        self.troubles: dict[Key, list[str]] = defaultdict(list)
        self._related: dict[Key, Related] = defaultdict(Related)
        self._jobs_of: dict[Key, set[str]] = defaultdict(set)
        self._members_of: dict[Key, set[Key]] = defaultdict(set)
        self._pods_of: dict[Key, dict[Key, PodFacts]] = defaultdict(dict)
        self._leavings: set[Key] = set()

    # What changes: each takes the parsed object, or None when it is gone.

    def put_pool(self, key: Key, pool: Pool | None) -> None:
        _put(self.pools, key, pool)
        self._wake(key)

    def put_member(self, key: Key, member: Node | None) -> None:
        for each in (self.members.get(key), member):
            if each is not None:
                pool = each.namespace, each.spec.pool_id
                (self._members_of[pool].add if each is member else self._members_of[pool].discard)(key)
                self._wake(pool)
        _put(self.members, key, member)

    def put_job(self, key: Key, job: Job | None) -> None:
        for each in (self.jobs.get(key), job):
            if each is not None:
                pool = each.namespace, each.spec.pool_info.pool_id
                (self._jobs_of[pool].add if each is job else self._jobs_of[pool].discard)(each.name)
                self._wake(pool)
        _put(self.jobs, key, job)
        if job is None:
            self.troubles.pop(key, None)
            self._wake_job(key)

    def put_job_node(self, key: Key, record: JobNode | None) -> None:
        old = self.job_nodes.get(key)
        if old is not None:
            self._related[old.namespace, old.spec.job_id].nodes.pop(old.spec.node_id, None)
        if record is not None:
            self._related[record.namespace, record.spec.job_id].nodes[record.spec.node_id] = record
        _put(self.job_nodes, key, record)
        for each in (old, record):
            if each is not None:
                self._wake_job((each.namespace, each.spec.job_id), each.spec.pool_id)

    def put_task(self, key: Key, task: TaskFacts | None) -> None:
        old = self.tasks.get(key)
        if old is not None and (task is None or task.ref.uid != old.ref.uid or task.job != old.job):
            self._related[key[0], old.job].tasks.drop(old.ref.uid)
        if task is not None:
            self._related[key[0], task.job].tasks.put(task)
        _put(self.tasks, key, task)
        for each in (old, task):
            if each is not None:
                self._wake_job((key[0], each.job))

    def put_pod(self, key: Key, pod: PodFacts | None) -> None:
        if (old := self.pods.get(key)) is not None:
            self._place_of(old).pop(key, None)
        if pod is not None:
            self._place_of(pod)[key] = pod
        _put(self.pods, key, pod)
        for each in (old, pod):
            if each is not None:
                namespace, pool, job = _belongs(each)
                self._wake_job((namespace, job), pool) if job else self._wake((namespace, pool))

    def _place_of(self, pod: PodFacts) -> dict[Key, PodFacts]:
        namespace, pool, job = _belongs(pod)
        return self._related[namespace, job].pods if job else self._pods_of[namespace, pool]

    def put_node(self, key: Key, node: NodeFacts | None) -> None:
        old = self.nodes.get(key[1])
        if node is not None:
            same_boot = old is not None and old.boot_id == node.boot_id
            node = replace(node, boot_seen=old.boot_seen if old is not None and same_boot else time.time())
        if node != old:
            _put(self.nodes, key[1], node)
            for pool in [*self.pools]:
                self._wake(pool)

    def put_daemon_set(self, key: Key, found: DaemonSetFacts | None) -> None:
        for each in (self.daemon_sets.get(key), found):
            if each is not None:
                self._wake_job((key[0], each.job), each.pool) if each.job else self._wake((key[0], each.pool))
        _put(self.daemon_sets, key, found)

    def put_namespace(self, key: Key, ending: bool | None) -> None:
        name = key[1]
        if ending and name not in self.ending_namespaces:
            self.ending_namespaces.add(name)
            for pool in [*self._jobs_of]:
                if pool[0] == name:
                    self._wake(pool)
        elif not ending:
            self.ending_namespaces.discard(name)

    def put_broken(self, kind: str, key: Key, what: Broken | None) -> None:
        """An object that cannot be read stays as it was last understood; its namespace's key `` is where it is told."""
        before = self.broken.get((kind, *key))
        _put(self.broken, (kind, *key), what)
        if what != before:
            self._wake((key[0], ""))

    def _wake_job(self, job: Key, pool: str = "") -> None:
        """Work on a job is done under the pool that it names now; without a job, under the pool its leavings name."""
        if (present := self.jobs.get(job)) is not None:
            self._leavings.discard(job)
            self._wake((job[0], present.spec.pool_info.pool_id))
            return
        pools = self._pools_of_leavings(job)
        (self._leavings.add if pools else self._leavings.discard)(job)
        for name in pools | {pool} - {""}:
            self._wake((job[0], name))

    def _pools_of_leavings(self, job: Key) -> set[str]:
        related = self._related[job]
        records = {record.spec.pool_id for record in related.nodes.values()}
        return records or {pod.labels.get(names.LABEL_POOL, "") for pod in related.pods.values()} - {""}

    def note_troubles(self, pool: Key, by_job: dict[str, list[str]]) -> None:
        """What the API server refused in the latest pass; what it did not repeat is over."""
        for job in self._jobs_of[pool]:
            said = by_job.get(job, []) + by_job.get("", [])
            if said != self.troubles.get((pool[0], job), []):
                self.troubles[pool[0], job] = said
                self._wake(pool)

    # What is asked.

    def broken_in(self, namespace: str) -> list[Broken]:
        return [what for (_, where, _), what in self.broken.items() if where == namespace]

    def snapshot(self, pool_key: Key, now: float) -> Snapshot:
        namespace, name = pool_key
        members = [self.members[key] for key in self._members_of[pool_key] if key in self.members]
        pods = self._pods_of[pool_key].values()
        return Snapshot(
            now=now,
            rules=self.rules,
            namespace=namespace,
            name=name,
            pool=self.pools.get(pool_key),
            nodes=self.nodes,
            members={member.spec.node_id: member for member in members},
            daemon_set=self.daemon_sets.get((namespace, names.pool_daemon_set(name))),
            pods={pod.node: pod for pod in pods if pod.component == names.COMPONENT_POOL_NODE},
            wipe_pods={pod.node: pod for pod in pods if pod.component == names.COMPONENT_WIPE},
            jobs=tuple(self._job_view(namespace, job) for job in sorted(self._job_names(pool_key))),
            namespace_ending=namespace in self.ending_namespaces,
        )

    def _job_names(self, pool_key: Key) -> Iterator[str]:
        """Jobs that name the pool, and those of which only leavings are there; never one that we cannot read."""
        yield from self._jobs_of[pool_key]
        for namespace, job in self._leavings:
            unread = ("BatchJob", namespace, job) in self.broken
            if namespace == pool_key[0] and not unread and pool_key[1] in self._pools_of_leavings((namespace, job)):
                yield job

    def _job_view(self, namespace: str, name: str) -> JobView:
        related = self._related[namespace, name]
        by_component: dict[str, list[PodFacts]] = defaultdict(list)
        for pod in related.pods.values():
            by_component[pod.component].append(pod)
        job = self.jobs.get((namespace, name))
        return JobView(
            namespace=namespace,
            name=name,
            job=job,
            clashes_with=self._clash(job),
            tasks=related.tasks.view(),
            nodes=related.nodes,
            daemon_set=self.daemon_sets.get((namespace, names.preparation_daemon_set(name))),
            preparation_pods=_by_node(by_component[names.COMPONENT_PREPARATION]),
            release_pods=_by_node(by_component[names.COMPONENT_RELEASE]),
            wipe_pods=_by_node(by_component[names.COMPONENT_WIPE]),
            task_pods=tuple(by_component[names.COMPONENT_TASK]),
            troubles=tuple(self.troubles.get((namespace, name), ())),
        )

    def _clash(self, job: Job | None) -> str:
        """The job of the namespace that has the same id but for case and was there first; empty if there is none."""
        if job is None or job.spec.id is None:
            return ""
        mine = _seniority(job)
        others = (j for (namespace, _), j in self.jobs.items() if namespace == job.namespace and j.uid != job.uid)
        return next((j.name for j in others if j.id.lower() == job.id.lower() and _seniority(j) < mine), "")


def _belongs(pod: PodFacts) -> tuple[str, str, str]:
    """Namespace, pool and job that a Pod of ours serves; a wipe Pod stands in another namespace than its job."""
    namespace = pod.labels.get(names.LABEL_NAMESPACE, pod.ref.namespace)
    return namespace, pod.labels.get(names.LABEL_POOL, ""), pod.labels.get(names.LABEL_JOB, "")


def _seniority(job: Job) -> tuple[bool, Any, str]:
    """A job named like the id comes first: it had no say in what others set as their id."""
    return job.spec.id is not None, job.metadata.creation_timestamp, job.name


def _by_node(pods: list[PodFacts]) -> dict[str, PodFacts]:
    """One Pod for each node; while an old one is going the new one counts."""
    return {pod.node: pod for pod in sorted(pods, key=lambda p: (p.deleting_since is None, p.created))}


def _put(table: dict[Any, Any], key: Any, value: Any) -> None:
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value
