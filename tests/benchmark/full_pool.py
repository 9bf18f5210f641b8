"""A pool on every slot of which a task runs, of any size, put together without the passes that would lead there."""

from __future__ import annotations

from typing import Any

from batchyard.api import names
from batchyard.core.pods.parts import owned_by
from batchyard.core.times import stamp
from tests import build
from tests.core.world import World

BOOT = {"bootID": "boot1"}
MOST = 5_000
"""Nodes of one kind that a pool may have."""


def full_pool(nodes: int, slots: int, waiting: int, now: float = build.T0) -> World:
    """One job runs there, and so many of its tasks wait."""
    world = World(now=now)
    targets = {"targetDedicatedNodes": min(nodes, MOST), "targetLowPriorityNodes": max(0, nodes - MOST)}
    pool = _put(world, "BatchPool", "sample", {**targets, "taskSlotsPerNode": slots, "containerSettings": {"imageName": build.IMAGE}})  # fmt: skip
    job = _put(world, "BatchJob", "demo", {"poolInfo": {"poolId": "sample"}}, status={"state": "active"})
    for number in range(nodes):
        _node(world, f"node{number:05}", pool, job, dedicated=number < MOST)
    owners = owned_by("BatchJob", "demo", job)
    for number in range(nodes * slots + waiting):
        running = number < nodes * slots
        status = {"state": "running" if running else "active"}
        task = _put(world, "BatchTask", f"demo.task{number:06}", {"jobId": "demo", "id": f"task{number:06}", "commandLine": "true"}, status=status, owners=owners)  # fmt: skip
        if running:
            labels = {names.LABEL_JOB: "demo", names.LABEL_TASK_UID: task, names.LABEL_ATTEMPT: "0", names.LABEL_SLOTS: "1"}  # fmt: skip
            _pod(world, f"task{number:06}", names.COMPONENT_TASK, f"node{number // slots:05}", labels, task)
    return world


def _node(world: World, name: str, pool: str, job: str, *, dedicated: bool) -> None:
    status = {"conditions": [{"type": "Ready", "status": "True"}], "nodeInfo": BOOT}
    node = world.put({"kind": "Node", "metadata": {"name": name}, "spec": {}, "status": status})["metadata"]["uid"]
    where = {"poolId": "sample", "nodeId": name, "nodeUID": node}
    member = {**where, "isDedicated": dedicated}
    _put(world, "BatchNode", f"sample.{name}", member, owners=owned_by("BatchPool", "sample", pool))
    record = {**where, "jobId": "demo", "jobUID": job, "poolUID": pool, "directory": "workitems/demo"}
    _put(world, "BatchJobNode", f"demo.{name}", record, status={"tasksStarted": True}, owners=owned_by("BatchJob", "demo", job))  # fmt: skip
    _pod(world, f"sample-{name}", names.COMPONENT_POOL_NODE, name, {}, "")


def _pod(world: World, name: str, component: str, node: str, labels: dict[str, str], owner: str) -> None:  # fmt: skip
    meta: dict[str, Any] = {
        "name": name,
        "namespace": build.NAMESPACE,
        "labels": {names.LABEL_COMPONENT: component, names.LABEL_POOL: "sample", **labels},
        "finalizers": [names.FINALIZER] if owner else [],
        "ownerReferences": owned_by("BatchTask", "", owner),
    }
    container = "task" if owner else "agent"
    running = {"name": container, "containerID": "c1", "state": {"running": {"startedAt": stamp(world.now)}}}
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}], "containerStatuses": [running]}
    world.put({"kind": "Pod", "metadata": meta, "spec": {"nodeName": node, "containers": []}, "status": status})


def _put(world: World, kind: str, name: str, spec: Any, *, status: Any = None, owners: Any = ()) -> str:
    """Its UID."""
    meta = {"name": name, "namespace": build.NAMESPACE, "finalizers": [names.FINALIZER], "ownerReferences": [*owners]}
    put = world.put({"kind": kind, "metadata": meta, "spec": spec, "status": status or {}})
    return str(put["metadata"]["uid"])
