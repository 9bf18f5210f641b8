"""The built-in kinds about which the API server knows little: Nodes, Namespaces, Leases and Events."""

from __future__ import annotations

from typing_extensions import override

from batchyard.kube import kinds
from tests.simulation.api import metadata_rules
from tests.simulation.api.call import Body
from tests.simulation.api.refusal import Cause
from tests.simulation.api.resource import Resource

NO_KUBELET = {"daemonEndpoints": {"kubeletEndpoint": {"Port": 0}}}
NOT_READY = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}


class Nodes(Resource):
    has_status = True
    selectable = ("spec.unschedulable",)

    def __init__(self) -> None:
        super().__init__(kinds.NODE)

    @override
    def born(self, item: Body) -> Body:
        """Nothing is scheduled to a Node before somebody has called it ready."""
        spec, status = item.get("spec") or {}, {**NO_KUBELET, **(item.get("status") or {})}
        taints = [each for each in spec.get("taints") or () if each != NOT_READY]
        return {**item, "spec": {**_said(spec), "taints": [*taints, NOT_READY]}, "status": status}

    @override
    def changed(self, new: Body, old: Body) -> Body:
        return {**new, "spec": _said(new.get("spec") or {}), "status": old["status"]}


class Namespaces(Resource):
    has_status = True
    answers_with_the_deleted = True
    is_name = staticmethod(metadata_rules.is_label)
    selectable = ("status.phase",)

    def __init__(self) -> None:
        super().__init__(kinds.NAMESPACE)

    @override
    def born(self, item: Body) -> Body:
        meta = item["metadata"]
        labels = {**(meta.get("labels") or {}), "kubernetes.io/metadata.name": meta["name"]}
        spec = {"finalizers": ["kubernetes"]}
        return {**item, "metadata": {**meta, "labels": labels}, "spec": spec, "status": {"phase": "Active"}}

    @override
    def changed(self, new: Body, old: Body) -> Body:
        return {**new, "spec": old["spec"], "status": old["status"]}


class Leases(Resource):
    may_be_overwritten = False
    knows_finalizers = False
    is_created_by_put = True

    def __init__(self) -> None:
        super().__init__(kinds.LEASE)

    @override
    def born(self, item: Body) -> Body:
        spec = {key: value for key, value in (item.get("spec") or {}).items() if value is not None}
        return {**_without_status(item), "spec": spec}

    @override
    def changed(self, new: Body, old: Body) -> Body:
        return self.born(new)

    @override
    def causes(self, new: Body, old: Body | None) -> list[Cause]:
        spec = new.get("spec") or {}
        lows = {"leaseDurationSeconds": 1, "leaseTransitions": 0}
        too_low = [name for name, low in lows.items() if spec.get(name, low) < low]
        return [Cause("FieldValueInvalid", f"Invalid value: {spec[name]}: too low", f"spec.{name}") for name in too_low]


class Events(Resource):
    knows_finalizers = False
    may_own = False
    judges_metadata_last = True
    is_name = staticmethod(metadata_rules.is_segment)
    is_created_by_put = True
    selectable = ("involvedObject.kind", "involvedObject.name", "involvedObject.uid", "reason", "type")

    def __init__(self) -> None:
        super().__init__(kinds.EVENT)

    @override
    def born(self, item: Body) -> Body:
        return _without_status(item)

    @override
    def changed(self, new: Body, old: Body) -> Body:
        return _without_status(new)

    @override
    def causes(self, new: Body, old: Body | None) -> list[Cause]:
        namespace = (new.get("involvedObject") or {}).get("namespace", "")
        if namespace == new["metadata"]["namespace"]:
            return []
        why = f'Invalid value: "{namespace}": does not match event.namespace'
        return [Cause("FieldValueInvalid", why, "involvedObject.namespace")]


def _without_status(item: Body) -> Body:
    return {key: value for key, value in item.items() if key != "status"}


def _said(spec: Body) -> Body:
    """Zero values are left away."""
    return {key: value for key, value in spec.items() if value not in (None, False, "", [])}
