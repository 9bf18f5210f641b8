"""Objects for the tests of the command line, as the API server would send them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from batchyard.api import names

Object = dict[str, Any]
NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
BORN = "2026-03-01T11:59:00Z"
NODE_ROOT = names.ROOT_DIR


def made(kind: str, name: str, spec: Object, status: Object | None = None, **meta: Any) -> Object:
    metadata = {"name": name, "namespace": "default", "uid": f"uid-{name}", "resourceVersion": "7", "generation": 1}
    return {
        "apiVersion": names.API_VERSION,
        "kind": kind,
        "metadata": {**metadata, "creationTimestamp": BORN, **meta},
        "spec": spec,
        "status": {"observedGeneration": 1, **(status or {})},
    }


def condition(kind: str, status: str, reason: str = "", message: str = "") -> Object:
    return {"type": kind, "status": status, "reason": reason or kind, "message": message}


def job(name: str = "demo", state: str = "active", conditions: tuple[Object, ...] = (), **more: Any) -> Object:
    """`counts`: taskCounts. `spec`, `info` (executionInfo) and `meta` are merged in."""
    counts = {"active": 0, "preparing": 0, "running": 0, "succeeded": 0, "failed": 0, **more.get("counts", {})}
    counts["completed"] = counts["succeeded"] + counts["failed"]
    status = {
        "state": state,
        "taskCounts": counts,
        "executionInfo": {"startTime": BORN, "poolId": "sample", **more.get("info", {})},
        "conditions": [*conditions],
    }
    spec = {"poolInfo": {"poolId": "sample"}, "priority": 0, "onAllTasksComplete": "noaction", **more.get("spec", {})}
    return made("BatchJob", name, spec, status, **more.get("meta", {}))


def task(task_id: str, state: str = "active", *, of: str = "demo", node: str = "", **more: Any) -> Object:
    """`info`: executionInfo. `spec`, `status` and `meta` are merged in."""
    where = {"nodeId": node, "poolId": "sample", "taskRootDirectory": f"{NODE_ROOT}/workitems/{of}/job-1/{task_id}"}
    status = {"state": state, "executionInfo": more.get("info", {}), **({"nodeInfo": where} if node else {})}
    spec = {"jobId": of, "id": task_id, "commandLine": "true", **more.get("spec", {})}
    name = names.task(of, task_id)
    return made("BatchTask", name, spec, {**status, **more.get("status", {})}, **more.get("meta", {}))


def failed(exit_code: int, code: str = "FailureExitCode", message: str = "it failed", **more: Any) -> Object:
    times = {"startTime": BORN, "endTime": "2026-03-01T11:59:05Z"}
    failure = {"category": "usererror", "code": code, "message": message}
    return {**times, "exitCode": exit_code, "result": "failure", "failureInfo": failure, "retryCount": 0, **more}


def succeeded(**more: Any) -> Object:
    return {"startTime": BORN, "endTime": "2026-03-01T11:59:03Z", "exitCode": 0, "result": "success", "retryCount": 0, **more}  # fmt: skip


def node(machine: str, state: str = "idle", *, pool: str = "sample", **status: Any) -> Object:
    spec = {"poolId": pool, "nodeId": machine, "schedulingState": "enabled", "isDedicated": True}
    return made("BatchNode", f"{pool}.{machine}", spec, {"state": state, "runningTasksCount": 0, **status})


def pool(name: str = "sample", *, target: int = 2, current: int = 2, **more: Any) -> Object:
    status = {
        "state": "active",
        "allocationState": "steady",
        "currentDedicatedNodes": current,
        **more.get("status", {}),
    }
    return made("BatchPool", name, {"targetDedicatedNodes": target, "taskSlotsPerNode": 1}, status)


def agent(machine: str, *, pool: str = "sample") -> Object:
    labels = {names.LABEL_POOL: pool, names.LABEL_COMPONENT: names.COMPONENT_POOL_NODE}
    found = made("Pod", f"{pool}-node-{machine}", {"nodeName": machine}, {"phase": "Running"}, labels=labels)
    return {**found, "apiVersion": "v1"}


def pod(of: Object, attempt: int = 0, index: int | None = None) -> Object:
    """Of one attempt of a task."""
    labels = {names.LABEL_TASK_UID: of["metadata"]["uid"], names.LABEL_ATTEMPT: str(attempt)}
    labels |= {} if index is None else {names.LABEL_INDEX: str(index)}
    found = made("Pod", f"{of['metadata']['name']}-{attempt}-{index}", {}, {"phase": "Running"}, labels=labels)
    return {**found, "apiVersion": "v1"}


def range_task(name: str, start: int, end: int, state: str = "running", **range_: Any) -> Object:
    """`range_`: status.range."""
    spec = {"jobId": "demo", "range": {"start": start, "end": end}, "commandLine": "true"}
    return made("BatchTask", name, spec, {"state": state, "range": range_})


def event(about: Object, reason: str, message: str, kind: str = "Normal", at: str = BORN) -> Object:
    meta = about["metadata"]
    involved = {"kind": about["kind"], "name": meta["name"], "uid": meta["uid"]}
    found = made("Event", f"{meta['name']}.{reason}", {}, namespace=meta["namespace"])
    return {
        **found,
        "apiVersion": "v1",
        "involvedObject": involved,
        "reason": reason,
        "message": message,
        "type": kind,
        "lastTimestamp": at,
    }


def record(machine: str, *, of: str = "demo", **status: Any) -> Object:
    spec = {"jobId": of, "jobUID": f"uid-{of}", "nodeId": machine, "poolId": "sample", "directory": f"workitems/{of}"}
    return made("BatchJobNode", f"{of}.{machine}", spec, status)


def preparation(result: str, exit_code: int, *, of: str = "demo") -> Object:
    directory = f"{NODE_ROOT}/workitems/{of}/job-1/jobpreparation"
    info = {"state": "completed", "result": result, "exitCode": exit_code, "retryCount": 0, "startTime": BORN}
    return {"jobPreparationTaskExecutionInfo": {**info, "taskRootDirectory": directory}}
