"""The door: raw objects of the API server become models and facts, once. Past this file there are no dicts. No I/O.

Each function raises (pydantic's ValidationError, KeyError, TypeError, ValueError) on an object that is not what it should be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from sys import intern
from typing import Any

import orjson

from batchyard.api import names
from batchyard.api.task import Task, TaskStatus
from batchyard.api.unsupported import unsupported
from batchyard.core.actions import Ref
from batchyard.core.facts import ContainerFacts, DaemonSetFacts, NodeFacts, PodFacts, TaskFacts, Terminated
from batchyard.core.indexes import Indexes
from batchyard.core.intervals import read
from batchyard.core.jobs import job_actions
from batchyard.core.natural import natural
from batchyard.core.tasks import exit_conditions, range_text
from batchyard.core.times import epoch

Raw = Mapping[str, Any]


def ref(kind: str, raw: Raw) -> Ref:
    meta = raw["metadata"]
    return Ref(kind, intern(meta.get("namespace", "")), meta["name"], meta["uid"], meta["resourceVersion"])


def pod(raw: Raw) -> PodFacts:
    meta, spec, status = raw["metadata"], raw["spec"], raw.get("status") or {}
    conditions = {c["type"]: c["status"] for c in status.get("conditions") or ()}
    states = (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ()))
    labels = meta.get("labels") or {}
    return PodFacts(
        ref=ref("Pod", raw),
        component=labels.get(names.LABEL_COMPONENT, ""),
        owner_uid=controller_uid(meta),
        node=spec.get("nodeName") or _wanted_node(spec),
        created=epoch(meta["creationTimestamp"]) or 0,
        labels=labels,
        bound=bool(spec.get("nodeName")),
        phase=status.get("phase", "Pending"),
        ready=conditions.get("Ready") == "True",
        deleting_since=epoch(meta.get("deletionTimestamp")),
        finalizers=tuple(meta.get("finalizers") or ()),
        containers={state["name"]: _container(state) for state in states},
        reason=status.get("reason", ""),
        message=status.get("message", ""),
        unplaceable=next((_unplaceable(c) for c in status.get("conditions") or () if c["type"] == "PodScheduled"), ""),
        disrupted=conditions.get("DisruptionTarget") == "True",
    )


def _unplaceable(scheduled: Raw) -> str:
    told = scheduled["status"] == "False" and scheduled.get("reason") == "Unschedulable"
    return scheduled.get("message") or "Unschedulable" if told else ""


def controller_uid(meta: Raw) -> str:
    return next((o["uid"] for o in meta.get("ownerReferences") or () if o.get("controller")), "")


def _wanted_node(spec: Raw) -> str:
    """The one Node that our affinity names; empty for Pods that are not ours."""
    return next(_named_nodes(spec), "")


def _named_nodes(spec: Raw) -> Iterator[str]:
    """Those that our affinity names (core/pods/parts.on_nodes)."""
    required = ((spec.get("affinity") or {}).get("nodeAffinity") or {}).get(
        "requiredDuringSchedulingIgnoredDuringExecution"
    ) or {}
    for term in required.get("nodeSelectorTerms") or ():
        for field in term.get("matchFields") or ():
            if field["key"] == "metadata.name":
                yield intern(str(field["values"][0]))


def _container(status: Raw) -> ContainerFacts:
    state, last = status.get("state") or {}, status.get("lastState") or {}
    running, waiting = state.get("running"), state.get("waiting") or {}
    previous = last.get("terminated")
    return ContainerFacts(
        id=status.get("containerID", ""),
        running_since=epoch(running.get("startedAt")) if running else None,
        terminated=_terminated(state.get("terminated")),
        previous=_terminated(previous),
        previous_id=(previous or {}).get("containerID", ""),
        waiting_reason=waiting.get("reason", ""),
        waiting_message=waiting.get("message", ""),
    )


def _terminated(raw: Raw | None) -> Terminated | None:
    if raw is None:
        return None
    return Terminated(
        exit_code=raw["exitCode"],
        reason=raw.get("reason", ""),
        message=raw.get("message", ""),
        started=epoch(raw.get("startedAt")),
        finished=epoch(raw.get("finishedAt")),
    )


OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"


def node(raw: Raw) -> NodeFacts:
    meta, spec, status = raw["metadata"], raw.get("spec") or {}, raw.get("status") or {}
    conditions = {c["type"]: c["status"] for c in status.get("conditions") or ()}
    ready = conditions.get("Ready") == "True"
    silent = (c.get("lastTransitionTime") for c in status.get("conditions") or () if c["type"] == "Ready" and not ready)
    addresses = {a["type"]: a["address"] for a in status.get("addresses") or ()}
    return NodeFacts(
        name=meta["name"],
        uid=meta["uid"],
        boot_id=(status.get("nodeInfo") or {}).get("bootID", ""),
        ready=ready,
        schedulable=not spec.get("unschedulable", False),
        labels=meta.get("labels") or {},
        deleting="deletionTimestamp" in meta,
        silent_since=epoch(next(silent, None)),
        fenced=any(taint["key"] == OUT_OF_SERVICE for taint in spec.get("taints") or ()),
        disk_full=conditions.get("DiskPressure") == "True",
        taints=tuple(
            (taint["key"], taint.get("value", ""), taint["effect"])
            for taint in spec.get("taints") or ()
            if taint["effect"] != "PreferNoSchedule" and not taint["key"].startswith("node.kubernetes.io/")
        ),
        address=addresses.get("InternalIP", ""),
    )


def daemon_set(raw: Raw) -> DaemonSetFacts:
    meta = raw["metadata"]
    return DaemonSetFacts(
        ref=ref("DaemonSet", raw),
        owner_uid=controller_uid(meta),
        spec_hash=(meta.get("annotations") or {}).get(names.ANNOTATION_HASH, ""),
        pool=(meta.get("labels") or {}).get(names.LABEL_POOL, ""),
        job=(meta.get("labels") or {}).get(names.LABEL_JOB, ""),
        deleting="deletionTimestamp" in meta,
        nodes=frozenset(_named_nodes(((raw.get("spec") or {}).get("template") or {}).get("spec") or {})),
    )


def namespace_ending(raw: Raw) -> bool:
    return "deletionTimestamp" in raw["metadata"]


def task(raw: Raw) -> TaskFacts:
    """Validated whole, kept slim: the model is dropped at once."""
    model = Task.model_validate(raw)
    spec, status = model.spec, model.status
    info, depends = status.execution_info, spec.depends_on
    admitted = status.condition("Admitted")
    refused = admitted is not None and admitted.status == "False"
    pending = status.state != "completed" and info is not None and info.failure_info is not None
    created = model.metadata.creation_timestamp
    indexes = range_text.indexes(model)
    state = _state(status, indexes)
    return TaskFacts(
        ref=ref("BatchTask", raw),
        job=intern(spec.job_id),
        job_uid=intern(_job_uid(raw["metadata"])),
        id=model.id,
        order=(created.timestamp() if created else 0, natural(str(indexes.start) if indexes else model.id)),
        spec=b"" if state == "completed" else _exactly(orjson.dumps(raw["spec"])),
        required_slots=spec.required_slots,
        max_retries=spec.constraints.max_task_retry_count,
        depends_on=tuple(each.lower() for each in depends.task_ids) if depends else (),
        depends_on_ranges=tuple((r.start, r.end) for r in depends.task_id_ranges) if depends else (),
        avoids=status.placement_failure.node_id if status.placement_failure else "",
        avoids_since=status.placement_failure.time.timestamp() if status.placement_failure else 0,
        affinity=spec.affinity_info.affinity_id if spec.affinity_info else "",
        asks=_asked(raw["spec"].get("resources")),
        state=state,
        attempt=status.attempt,
        retry_count=info.retry_count if info else 0,
        requeue_count=info.requeue_count if info else 0,
        recovery_count=status.recovery_count,
        node=intern(status.node_info.node_id) if status.node_info else "",
        succeeded=info is not None and info.result == "success",
        satisfies=indexes is None and exit_conditions.satisfies(model),
        asks_of_job=job_actions.asked_by(model) if indexes is None else indexes.asks,
        names_job_action=job_actions.names_one(model),
        reactivations_asked=spec.reactivations if spec.reactivations > status.reactivations else 0,
        pending_failure=info.failure_info.code
        if pending and info is not None and info.failure_info is not None
        else "",
        refused=admitted.reason if refused and admitted is not None else "",
        unsupported=tuple(unsupported(spec)),
        wants_end=spec.desired_state == "terminated",
        ends=read(spec.terminated_ids or "").runs,
        once_more=read(spec.reactivated_ids).runs if spec.reactivated_ids else None,
        deleting=model.metadata.deleting,
        generation=model.metadata.generation,
        observed_generation=status.observed_generation,
        conditions=tuple(c.to_wire() for c in status.conditions),
        indexes=indexes,
    )


def _asked(resources: Raw | None) -> str:
    """The same text for the same wish: many tasks share it."""
    return intern(orjson.dumps(resources, option=orjson.OPT_SORT_KEYS).decode()) if resources else ""


def _state(status: TaskStatus, indexes: Indexes | None) -> str:
    """A range is completed when each of its integers is, whatever is written of the whole."""
    if indexes is not None and not indexes.open:
        return "completed"
    open_ = indexes is not None and status.state == "completed"
    return status.state.value if status.state and not open_ else "active"


def _job_uid(meta: Raw) -> str:
    """A task may belong to other things than its job: a workflow that made it, say."""
    return next((o["uid"] for o in meta.get("ownerReferences") or () if o.get("kind") == "BatchJob"), "")


def _exactly(made: bytes) -> bytes:
    """Bytes of orjson keep the 4 KB in which they were written; of a task little more than the text should stay."""
    return bytes(memoryview(made))
