"""What the API server knows of Pods: their status, their grace period, how they are bound to a node."""

from __future__ import annotations

from typing_extensions import override

from batchyard.kube import kinds
from tests.simulation.api import pod_defaults, pod_rules
from tests.simulation.api.call import Body
from tests.simulation.api.refusal import Cause
from tests.simulation.api.resource import Resource


class Pods(Resource):
    has_status = True
    counts_generations = True
    answers_with_the_deleted = True
    selectable = (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "status.phase",
    )

    def __init__(self) -> None:
        super().__init__(kinds.POD)

    @override
    def born(self, item: Body) -> Body:
        spec = pod_defaults.of_pod(item.get("spec") or {})
        return {**item, "spec": spec, "status": {"phase": "Pending", "qosClass": pod_defaults.quality(spec)}}

    @override
    def changed(self, new: Body, old: Body) -> Body:
        spec = old["spec"] if new.get("spec") is old["spec"] else pod_defaults.of_template(new.get("spec") or {})
        return {**new, "spec": spec, "status": old["status"]}

    @override
    def causes(self, new: Body, old: Body | None) -> list[Cause]:
        if old is not None and new["spec"] is old["spec"]:
            return []
        found = pod_rules.causes_in_spec(new["spec"], "spec")
        return found if old is None else found + pod_rules.causes_of_change(new["spec"], old["spec"])

    @override
    def grace(self, item: Body, asked: int | None) -> int:
        """Nobody waits for a Pod that no kubelet has, or that has ended."""
        if not item["spec"].get("nodeName") or item["status"].get("phase") in ("Succeeded", "Failed"):
            return 0
        seconds = item["spec"]["terminationGracePeriodSeconds"] if asked is None else asked
        return 1 if seconds < 0 else int(seconds)


def bound(item: Body, node: str, stamp: str) -> Body:
    """The Pod on its node."""
    scheduled = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": stamp}
    others = [each for each in item["status"].get("conditions") or () if each["type"] != "PodScheduled"]
    status = {**item["status"], "conditions": [*others, scheduled]}
    return {**item, "spec": {**item["spec"], "nodeName": node}, "status": status}
