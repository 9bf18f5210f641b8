"""What a pass is shown: one pool and its jobs as the Store knows them now. Copies little, computes less, decides nothing.

The views are the Store's own: to be read before anything else runs on the event loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from batchyard.api import names
from batchyard.core.facts import DaemonSetFacts, PodFacts
from batchyard.core.snapshot import JobTasks, JobView, Snapshot
from batchyard.core.tasks.task_pods import TaskPods
from batchyard.kube.concerns import Key
from batchyard.kube.store import Store


def snapshot(store: Store, pool: Key, now: float) -> Snapshot:
    namespace, name = pool
    pods, found = store.pods_of[pool], store.pools.get(pool)
    return Snapshot(
        now=now,
        rules=store.rules,
        namespace=namespace,
        name=name,
        pool=found,
        nodes=store.nodes.shown,
        members=store.members_of[pool].shown,
        daemon_sets=_daemon_sets(store, pool),
        pods=pods.by_node(names.COMPONENT_POOL_NODE),
        wipe_pods=pods.by_node(names.COMPONENT_WIPE),
        jobs=tuple(_in_pool(_job(store, (namespace, job)), name) for job in _readable(store, pool)),
        namespace_ending=namespace in store.ending_namespaces,
        clashes_with=store.pool_ids.clash(found) if found is not None else "",
        memory=store.memories[pool],
    )


def _daemon_sets(store: Store, pool: Key) -> dict[str, DaemonSetFacts]:
    both = (names.pool_daemon_set(pool[1], dedicated=dedicated) for dedicated in (True, False))
    return {name: found for name in both if (found := store.daemon_sets.get((pool[0], name))) is not None}


def _readable(store: Store, pool: Key) -> Iterator[str]:
    """Jobs that name the pool, and those of which only leavings are there; never one that is there and was never understood."""
    for name in sorted(store.concerns.jobs(pool)):
        key = pool[0], name
        if key in store.jobs or ("BatchJob", *key) not in store.broken:
            yield name


def _in_pool(view: JobView, pool: str) -> JobView:
    """Of a job that has another pool now only what is left in this one."""
    if view.job is None or view.job.spec.pool_info.pool_id == pool:
        return view
    return replace(
        view,
        tasks=JobTasks(),
        task_pods=TaskPods(),
        kept_pods=(),
        nodes={name: record for name, record in view.nodes.items() if record.spec.pool_id == pool},
        preparation_pods=_of_pool(view.preparation_pods, pool),
        release_pods=_of_pool(view.release_pods, pool),
        wipe_pods=_of_pool(view.wipe_pods, pool),
    )


def _of_pool(pods: Mapping[str, PodFacts], pool: str) -> dict[str, PodFacts]:
    return {name: pod for name, pod in pods.items() if pod.labels.get(names.LABEL_POOL) == pool}


def _job(store: Store, key: Key) -> JobView:
    namespace, name = key
    job, related = store.jobs.get(key), store.related[key]
    return JobView(
        namespace=namespace,
        name=name,
        job=job,
        clashes_with=store.ids.clash(job) if job is not None else "",
        tasks=related.tasks.view(),
        nodes=related.nodes.shown,
        daemon_set=store.daemon_sets.get((namespace, names.preparation_daemon_set(name))),
        preparation_pods=related.pods.by_node(names.COMPONENT_PREPARATION),
        release_pods=related.pods.by_node(names.COMPONENT_RELEASE),
        wipe_pods=related.pods.by_node(names.COMPONENT_WIPE),
        task_pods=related.pods.tasks,
        kept_pods=related.pods.kept,
        troubles=tuple(sorted(set().union(*related.troubles.values()))),
        memory=related.memory,
    )
