"""One call for each thing that tests are about: sensible defaults, anything else by keyword. No decisions, no asserts."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from typing import Any

import orjson

from batchyard.api import names
from batchyard.api.job import Job
from batchyard.api.job_node import JobNode
from batchyard.api.node import Node
from batchyard.api.pool import Pool
from batchyard.core.actions import Plan, Ref
from batchyard.core.facts import ContainerFacts, NodeFacts, PodFacts, TaskFacts, Terminated, in_order
from batchyard.core.jobs.records import Record
from batchyard.core.natural import natural
from batchyard.core.plan import plan
from batchyard.core.snapshot import JobView, Rules, Snapshot
from batchyard.core.tasks.task_pods import TaskPods
from batchyard.core.times import stamp
from batchyard.kube.job_tasks import TaskIndex

T0 = 1_800_000_000.0
"""When everything begins, in epoch seconds."""
NAMESPACE = "team"
IMAGE = "docker.io/library/busybox:1.37"
RULES = Rules(namespace="batchyard", image="batchyard.test/operator:1")
PREPARATION = {"commandLine": "prepare"}
RELEASE = {"commandLine": "release"}
_numbers = itertools.count(1)


def metadata(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "namespace": NAMESPACE,
        "uid": f"{name}-uid",
        "resourceVersion": "1",
        "generation": 1,
        "creationTimestamp": stamp(T0),
        **more,
    }


def pool(name: str = "sample", *, status: dict[str, Any] | None = None, meta: dict[str, Any] | None = None, **spec: Any) -> Pool:  # fmt: skip
    spec = {"targetDedicatedNodes": 2, "containerSettings": {"imageName": IMAGE}, **spec}
    meta = metadata(name, **{"finalizers": [names.FINALIZER], **(meta or {})})
    return Pool.model_validate({"kind": "BatchPool", "metadata": meta, "spec": spec, "status": status or {}})


def job(name: str = "demo", *, status: dict[str, Any] | None = None, meta: dict[str, Any] | None = None, **spec: Any) -> Job:  # fmt: skip
    spec = {"poolInfo": {"poolId": "sample"}, **spec}
    meta = metadata(name, **{"finalizers": [names.FINALIZER], **(meta or {})})
    status = {"state": "active"} if status is None else status
    return Job.model_validate({"kind": "BatchJob", "metadata": meta, "spec": spec, "status": status})


def task(name: str = "task001", *, spec: dict[str, Any] | None = None, **facts: Any) -> TaskFacts:
    number = next(_numbers)
    given = {
        "ref": Ref("BatchTask", NAMESPACE, f"demo.{name}", f"{name}-uid", "1"),
        "job": "demo",
        "job_uid": "demo-uid",
        "id": name,
        "order": (T0 + number, natural(name)),
        "spec": orjson.dumps({"jobId": "demo", "id": name, "commandLine": "true", **(spec or {})}),
    }
    given["satisfies"] = facts.get("succeeded", False)
    if facts.get("state") == "completed" or facts.get("refused"):
        given["observed_generation"] = facts.get("generation", 0)
    return TaskFacts(**{**given, **facts})


def lines(tasks: Iterable[TaskFacts]) -> dict[int, list[TaskFacts]]:
    """As a job's waiting tasks come: by the slots they need, in order."""
    found: dict[int, list[TaskFacts]] = {}
    for each in sorted(tasks, key=in_order):
        found.setdefault(each.required_slots, []).append(each)
    return found


def tasks(*each: TaskFacts) -> Any:
    index = TaskIndex()
    for one in each:
        index.put(one)
    return index.view()


def node(name: str = "node1", **facts: Any) -> NodeFacts:
    return NodeFacts(**{"name": name, "uid": f"{name}-uid", "boot_id": "boot1", "ready": True, "schedulable": True, **facts})  # fmt: skip


def member(name: str = "node1", *, status: dict[str, Any] | None = None, spec: dict[str, Any] | None = None, **meta: Any) -> Node:  # fmt: skip
    whole = metadata(f"sample.{name}", finalizers=[names.FINALIZER])
    spec = {"poolId": "sample", "nodeId": name, "nodeUID": f"{name}-uid", **(spec or {})}
    return Node.model_validate({"metadata": {**whole, **meta}, "spec": spec, "status": status or {}})


def job_node(name: str = "node1", *, meta: dict[str, Any] | None = None, spec: dict[str, Any] | None = None, **status: Any) -> JobNode:  # fmt: skip
    whole = {
        "jobId": "demo",
        "jobUID": "demo-uid",
        "poolId": "sample",
        "poolUID": "sample-uid",
        "nodeId": name,
        "nodeUID": f"{name}-uid",
        "directory": "workitems/demo",
        **(spec or {}),
    }
    meta = metadata(f"demo.{name}", **{"finalizers": [names.FINALIZER], **(meta or {})})
    return JobNode.model_validate({"metadata": meta, "spec": whole, "status": status})


def prepared(result: str = "success", boot: str = "boot1", **more: Any) -> Any:
    """A preparation that has ended, for job_node(jobPreparationTaskExecutionInfo=...); Any, as other arguments stand beside it."""
    return {"state": "completed", "result": result, "bootID": boot, **more}


def record(
    name: str = "node1",
    *,
    of: Job | None = None,
    on: NodeFacts | None = None,
    pool_uid: str = "sample-uid",
    **given: Any,
) -> Record:
    of = of if of is not None else job(jobPreparationTask=PREPARATION, jobReleaseTask=RELEASE)
    return Record(job_node(name, **given), of, on if on is not None else node(name), pool_uid)


def line(exit_code: int | None = 0, code: str = "", **more: Any) -> str:
    """What run.sh leaves behind."""
    result = {"exitCode": exit_code, "startTime": stamp(T0), "endTime": stamp(T0 + 5), "retryCount": 0, "code": code}
    return json.dumps({**result, **more})


def ended(message: str = "", exit_code: int = 0, *, at: float = T0 + 5, **more: Any) -> ContainerFacts:
    end = Terminated(exit_code, more.pop("reason", ""), message, T0, at)
    return ContainerFacts(id=more.pop("id", "c1"), terminated=end, **more)


def pod(
    component: str = names.COMPONENT_TASK, *, of: TaskFacts | None = None, name: str = "", **facts: Any
) -> PodFacts:
    """A bound Pod on node1; of a task if one is given."""
    owner, labels = facts.pop("owner_uid", "owner-uid"), dict(facts.pop("labels", {}))
    if of is not None:
        owner, name = of.ref.uid, name or f"{of.ref.name}-{of.attempt}"
        labels = {
            names.LABEL_TASK_UID: of.ref.uid,
            names.LABEL_ATTEMPT: str(of.attempt),
            names.LABEL_SLOTS: str(of.required_slots),
            **labels,
        }
    name = name or f"{component}-pod"
    given = {
        "ref": Ref("Pod", NAMESPACE, name, f"{name}-uid", "1"),
        "component": component,
        "owner_uid": owner,
        "node": "node1",
        "created": T0,
        "labels": labels,
        "bound": True,
        "finalizers": (names.FINALIZER,) if component in (names.COMPONENT_TASK, names.COMPONENT_RELEASE) else (),
    }
    return PodFacts(**{**given, **facts})


def view(of: Job | None = None, **parts: Any) -> JobView:
    pods = TaskPods(parts.pop("task_pods", ()))
    return JobView(NAMESPACE, of.name if of else "demo", of, task_pods=pods, **parts)


def serving(*nodes: str) -> dict[str, Any]:
    """Parts of a snapshot: these nodes are members of the pool and ready for tasks."""
    return {
        "nodes": {name: node(name) for name in nodes},
        "members": {name: member(name) for name in nodes},
        "pods": {name: pod(names.COMPONENT_POOL_NODE, node=name, ready=True, phase="Running") for name in nodes},
    }


def snapshot(*views: JobView, of: Pool | None = None, now: float = T0 + 60, **parts: Any) -> Snapshot:
    return Snapshot(**{"now": now, "rules": RULES, "namespace": NAMESPACE, "name": "sample", "pool": of, "jobs": views, **parts})  # fmt: skip


def planned(s: Snapshot) -> Plan:
    """The plan with nothing left out: what fails, fails the test."""
    return plan(s, lambda _, part: part())
