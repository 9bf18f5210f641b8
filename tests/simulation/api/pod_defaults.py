"""What the API server adds to the Pods and Pod templates that the operator makes."""

from __future__ import annotations

from typing import Any

from tests.simulation.api.call import Body

_SPEC: Body = {
    "restartPolicy": "Always",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "ClusterFirst",
    "securityContext": {},
    "schedulerName": "default-scheduler",
}
_CONTAINER: Body = {
    "resources": {},
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
}
_OF_A_POD: Body = {"enableServiceLinks": True, "priority": 0, "preemptionPolicy": "PreemptLowerPriority"}
_UNWELL: list[Body] = [
    {"key": f"node.kubernetes.io/{what}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
    for what in ("not-ready", "unreachable")
]


def of_template(spec: Body) -> Body:
    filled = {**_SPEC, **spec}
    for name in ("containers", "initContainers"):
        if isinstance(spec.get(name), list):
            filled[name] = [_container(each) if isinstance(each, dict) else each for each in spec[name]]
    if isinstance(spec.get("volumes"), list):
        filled["volumes"] = [_volume(each) for each in spec["volumes"]]
    return filled


def of_pod(spec: Body) -> Body:
    """Admission adds to what every template has, and requests are what the limits are where nothing is said."""
    filled = {**_OF_A_POD, **of_template(spec)}
    for name in ("containers", "initContainers"):
        if isinstance(filled.get(name), list):
            filled[name] = [_requesting(each) if isinstance(each, dict) else each for each in filled[name]]
    there = filled.get("tolerations") or []
    filled["tolerations"] = there + [each for each in _UNWELL if not any(_tolerates(t, each["key"]) for t in there)]
    return filled


def quality(spec: Body) -> str:
    """The class by which the kubelet evicts."""
    containers = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    resources = [each.get("resources") or {} for each in containers]
    if not any(each.get("limits") or each.get("requests") for each in resources):
        return "BestEffort"
    whole = all(
        {"cpu", "memory"} <= set(each.get("limits") or ()) and each.get("requests", each["limits"]) == each["limits"]
        for each in resources
    )
    return "Guaranteed" if whole else "Burstable"


def _tolerates(toleration: Body, key: str) -> bool:
    matching = toleration.get("key") == key or (not toleration.get("key") and toleration.get("operator") == "Exists")
    return matching and toleration.get("effect", "NoExecute") == "NoExecute"


def _container(sent: Body) -> Body:
    filled = {**_CONTAINER, **sent}
    tag = str(sent.get("image", "")).rpartition("/")[2].partition(":")[2]
    filled.setdefault("imagePullPolicy", "IfNotPresent" if tag not in ("", "latest") or "@" in tag else "Always")
    if isinstance(sent.get("env"), list):
        filled["env"] = [_variable(each) for each in sent["env"]]
    if isinstance(sent.get("ports"), list):
        filled["ports"] = [{"protocol": "TCP", **each} for each in sent["ports"]]
    return filled


def _requesting(container: Body) -> Body:
    resources = container["resources"]
    if not (limits := resources.get("limits")):
        return container
    return {**container, "resources": {**resources, "requests": {**limits, **(resources.get("requests") or {})}}}


def _variable(sent: Body) -> Body:
    source: Any = sent.get("valueFrom")
    if not source or "fieldRef" not in source:
        return {key: value for key, value in sent.items() if key != "value" or value != ""}
    return {**sent, "valueFrom": {"fieldRef": {"apiVersion": "v1", **source["fieldRef"]}}}


def _volume(sent: Body) -> Body:
    if "hostPath" in sent:
        return {**sent, "hostPath": {"type": "", **sent["hostPath"]}}
    return sent
