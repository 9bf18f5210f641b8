"""What the operator says in conditions, from plans made for the purpose: the sentences that docs/troubleshooting.md shows are among these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from batchyard.api import names
from batchyard.core.actions import Action, Patch, Ref
from batchyard.core.facts import ContainerFacts
from batchyard.core.jobs.waiting import Demand, Seats, why
from batchyard.core.quarantine import Broken, plan_broken
from batchyard.core.snapshot import Snapshot
from batchyard.core.times import stamp
from tests import build

Said = tuple[str, str, str]
"""A condition's type, its reason, its message."""

_SEATS: dict[str, Any] = {"pool": "sample", "target": 12, "nodes": 12, "serving": 12, "slots_per_node": 4, "fitting": 0}
_WAITING: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({}, {"largest": 8}),
    ({}, {"troubles": ['pods "demo-task001" is forbidden: exceeded quota: pods']}),
    ({}, {"blocked": 2, "hopeless": 2}),
    ({}, {"blocked": 153}),
    ({"excluded": 12}, {}),
    ({}, {"images": ['node node1: ErrImagePull: failed to resolve image "registry.test/rendr:1"']}),
    ({}, {"unplaceable": ["node node1: 0/12 nodes are available: 1 Insufficient memory, 11 not chosen"]}),
    ({"target": 0, "nodes": 0, "serving": 0}, {}),
    ({"nodes": 0, "serving": 0}, {}),
    ({"serving": 9, "starting": 2, "start_task_failed": 1}, {}),
    ({}, {"smallest": 2}),
    ({}, {"at_limit": 10}),
    ({"preparing": 2}, {}),
    ({}, {"outranked_by": 40}),
    ({"fitting": 3}, {}),
)
_BROKEN = Broken(
    Ref("BatchPool", build.NAMESPACE, "sample", "sample-uid", "1"),
    "spec.targetDedicatedNodes: Input should be a valid integer",
)
_ADMIN = {"autoUser": {"elevationLevel": "admin"}}
_STEPS: dict[str, Any] = {"jobPreparationTask": build.PREPARATION, "jobReleaseTask": build.RELEASE}


def said() -> set[Said]:
    found = {("Admitted", told.reason, told.message) for told in (_why(*each) for each in _WAITING)}
    planned = (build.planned(snapshot).actions for snapshot in (*_jobs(), *_tasks(), *_pools()))
    return found | {
        each for actions in (*planned, plan_broken([_BROKEN], now=build.T0)) for each in _conditions(actions)
    }


def _why(seats: dict[str, Any], demand: dict[str, Any]) -> Any:
    return why(Seats(**{**_SEATS, **seats}), Demand(**{"waiting": 153, **demand}))


def _conditions(actions: Iterable[Action]) -> Iterator[Said]:
    for action in actions:
        if isinstance(action, Patch) and "status" in action.body:
            yield from ((c["type"], c["reason"], c["message"]) for c in action.body["status"].get("conditions", ()))


def _jobs() -> Iterator[Snapshot]:
    """A job with one task that waits, and a completed one."""
    yield _with_job(pool=False)
    yield _with_job(jobPreparationTask={**build.PREPARATION, "userIdentity": _ADMIN})
    yield _with_job(desiredState="disabled", status={"state": "disabled"})
    yield _with_job(desiredState="disabled", status={"state": "active"})
    yield _with_job(desiredState="terminated", **_STEPS)
    yield _with_job(status={"state": "completed", "executionInfo": {"terminateReason": "AllTasksComplete"}})
    yield _with_job(clashes_with="Demo")
    failed = {"state": "completed", "result": "failure", "exitCode": 1}
    records = {"node1": build.job_node(jobPreparationTaskExecutionInfo={**build.prepared("failure"), "exitCode": 1})}
    yield _with_job(nodes=records, **_STEPS)
    released = {"node1": build.job_node(jobReleaseTaskExecutionInfo=failed, tasksStarted=True)}
    ended = {"state": "completed", "executionInfo": {"terminateReason": "UserTerminate"}}
    yield _with_job(nodes=released, status=ended, failed=True, **_STEPS)


def _with_job(
    *, pool: bool = True, clashes_with: str = "", nodes: dict[str, Any] | None = None, failed: bool = False, **job: Any
) -> Snapshot:
    one = build.task("task001", state="completed", succeeded=not failed)
    tasks = build.tasks(one, build.task("task002"))
    view = build.view(build.job(**job), tasks=tasks, clashes_with=clashes_with, nodes=nodes or {})
    of = build.pool(targetDedicatedNodes=1) if pool else None
    return build.snapshot(view, of=of, **(build.serving("node1") if pool else {}))


def _tasks() -> Iterator[Snapshot]:
    """Tasks that their job or pool cannot take, cannot place, or are asked to run once more."""
    yield _with_task({"id": "jobpreparation"}, _STEPS)
    yield _with_task({"id": "jobrelease"}, _STEPS)
    yield _with_task({"id": "Task001"}, {})
    yield _with_task({"depends_on": ("task001",)}, {})
    yield _with_task({"names_job_action": True}, {})
    yield _with_task({"spec": {"userIdentity": _ADMIN}}, {})
    yield _with_task({"unsupported": ("exitConditions.fileUploadError",)}, {})
    asked = {"state": "completed", "reactivations_asked": 1}
    yield _with_task(asked, {})
    yield _with_task({**asked, "succeeded": True}, {})
    yield _with_task({**asked, "state": "running"}, {})
    yield _with_task({**asked, "wants_end": True}, {})
    for state in ("terminating", "completed"):
        yield _with_task(asked, {"status": {"state": state}})
    yield _with_task(asked, {"meta": {"deletionTimestamp": stamp(build.T0)}})
    full = {"unplaceable": "0/12 nodes are available: 1 Insufficient memory, 11 not chosen", "bound": False}
    yield _with_task({}, {}, created=build.T0 + 50, **full)
    yield _with_task({"conditions": ({"type": "Placed", "status": "False"},)}, {}, phase="Running")


def _with_task(facts: dict[str, Any], job: dict[str, Any], **pod: Any) -> Snapshot:
    """A job with the task that is meant, and an older one; with a Pod of it if one is described."""
    meant = build.task("task002", **facts)
    pods = (build.pod(of=meant, **pod),) if pod else ()
    tasks = build.tasks(build.task("task001"), meant)
    view = build.view(build.job(**job), tasks=tasks, task_pods=pods, nodes={"node1": build.job_node(tasksStarted=True)})
    return build.snapshot(view, of=build.pool(targetDedicatedNodes=1), **build.serving("node1"))


def _pools() -> Iterator[Snapshot]:
    """Pools of two nodes: one serves, and what the other does is what is told."""
    failed = {"start-task": build.ended(build.line(1), 1), "setup": build.ended(build.line(0))}
    no_image = {"start-task": ContainerFacts(waiting_reason="ErrImagePull", waiting_message="no such image")}
    yield _with_pool({}, {"ready": True})
    yield _with_pool({"targetDedicatedNodes": 12, "nodeSelector": {"batch": "true"}}, {"ready": True})
    late = {"observedGeneration": 1, "resizeErrors": [{"code": "AllocationTimedout"}]}
    yield _with_pool({"targetDedicatedNodes": 12, "nodeSelector": {"batch": "true"}, "status": late}, {"ready": True})
    yield _with_pool({}, {"ready": False})
    yield _with_pool({}, {"ready": True}, schedulable=False)
    yield _with_pool({}, {"ready": True}, ready=False)
    yield _with_pool({"startTask": {"commandLine": "start"}}, {"containers": failed})
    yield _with_pool({"startTask": {"commandLine": "start"}}, {"containers": no_image})
    yield _with_pool({"startTask": {"commandLine": "start", "userIdentity": _ADMIN}}, {"ready": True})
    yield _with_pool(
        {"containerSettings": {"imageName": build.IMAGE, "containerRunOptions": "--gpus"}}, {"ready": True}
    )
    yield replace(_with_pool({}, {"ready": True}), clashes_with="Sample")


def _with_pool(pool: dict[str, Any], pod: dict[str, Any], **node: Any) -> Snapshot:
    parts = build.serving("node1", "node2")
    parts["pods"]["node2"] = build.pod(names.COMPONENT_POOL_NODE, node="node2", phase="Running", **pod)
    parts["nodes"]["node2"] = build.node("node2", **node)
    return build.snapshot(of=build.pool(**pool), **parts)
