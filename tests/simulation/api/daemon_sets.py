"""What the API server knows of DaemonSets; the Pods are made by their controller."""

from __future__ import annotations

from typing_extensions import override

from batchyard.kube import kinds
from tests.simulation.api import pod_defaults, pod_rules
from tests.simulation.api.call import Body
from tests.simulation.api.refusal import Cause
from tests.simulation.api.resource import Resource

STATUS = {"currentNumberScheduled": 0, "numberMisscheduled": 0, "desiredNumberScheduled": 0, "numberReady": 0}
COUNT = "deprecated.daemonset.template.generation"
"""How often the template has changed: an annotation that nobody but the API server can set."""
ROLLING = {"maxUnavailable": 1, "maxSurge": 0}


class DaemonSets(Resource):
    has_status = True
    is_applied = True
    counts_generations = True

    def __init__(self) -> None:
        super().__init__(kinds.DAEMON_SET)

    @override
    def born(self, item: Body) -> Body:
        return {**_counted(item, 1), "spec": _filled(item.get("spec") or {}), "status": STATUS}

    @override
    def changed(self, new: Body, old: Body) -> Body:
        spec: Body = old["spec"]
        if new.get("spec") is not spec:
            spec = _filled(new.get("spec") or {})
        count = int(old["metadata"]["annotations"][COUNT]) + (spec.get("template") != old["spec"]["template"])
        return {**_counted(new, count), "spec": spec, "status": old["status"]}

    @override
    def status_changed(self, new: Body, old: Body) -> Body:
        return _counted({**new, "spec": old["spec"]}, int(old["metadata"]["annotations"][COUNT]))

    @override
    def causes(self, new: Body, old: Body | None) -> list[Cause]:
        if old is not None and new["spec"] is old["spec"]:
            return []
        spec: Body = new["spec"]
        template, selector = spec.get("template") or {}, spec.get("selector")
        found = pod_rules.causes_in_spec(template.get("spec") or {}, "spec.template.spec")
        if selector == {}:
            found.append(Cause("FieldValueInvalid", "Invalid value: {}: empty selector is invalid", "spec.selector"))
        wanted = (selector or {}).get("matchLabels") or {}
        labels = (template.get("metadata") or {}).get("labels") or {}
        if selector is None or not wanted.items() <= labels.items():
            what = "`selector` does not match template `labels`"
            found.append(Cause("FieldValueInvalid", f"Invalid value: {what}", "spec.template.metadata.labels"))
        if old is not None and selector != old["spec"]["selector"]:
            found.append(Cause("FieldValueInvalid", "Invalid value: field is immutable", "spec.selector"))
        return found


def _filled(spec: Body) -> Body:
    strategy = {"type": "RollingUpdate", **(spec.get("updateStrategy") or {})}
    if strategy["type"] == "RollingUpdate":
        strategy["rollingUpdate"] = {**ROLLING, **(strategy.get("rollingUpdate") or {})}
    template = spec.get("template") or {}
    template = {**template, "spec": pod_defaults.of_template(template.get("spec") or {})}
    return {"revisionHistoryLimit": 10, **spec, "updateStrategy": strategy, "template": template}


def _counted(item: Body, count: int) -> Body:
    annotations = {**(item["metadata"].get("annotations") or {}), COUNT: str(count)}
    return {**item, "metadata": {**item["metadata"], "annotations": annotations}}
