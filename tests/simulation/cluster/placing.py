"""Whether a Node may have a Pod: affinity to Nodes by name, taints, room. Values in, answers out; shared by scheduler and controllers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Raw = Mapping[str, Any]

UNREACHABLE = "node.kubernetes.io/unreachable"
UNSCHEDULABLE = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}


def named_nodes(spec: Raw) -> set[str]:
    """Those that the required affinity names."""
    affinity = ((spec.get("affinity") or {}).get("nodeAffinity") or {}).get(
        "requiredDuringSchedulingIgnoredDuringExecution"
    ) or {}
    fields = (field for term in affinity.get("nodeSelectorTerms") or () for field in term.get("matchFields") or ())
    return {value for field in fields for value in field["values"]}


def taints(node: Raw) -> list[Raw]:
    spec = node.get("spec") or {}
    return [*(spec.get("taints") or ()), *([UNSCHEDULABLE] if spec.get("unschedulable") else [])]


def tolerated(taint: Raw, tolerations: Iterable[Raw]) -> bool:
    return any(
        each.get("effect") in (None, "", taint["effect"])
        and (each.get("key") in (None, "", taint["key"]))
        and (each.get("operator", "Equal") == "Exists" or each.get("value", "") == taint.get("value", ""))
        for each in tolerations
    )


def repelled(node: Raw, spec: Raw, *effects: str) -> bool:
    tolerations = spec.get("tolerations") or ()
    return any(taint["effect"] in effects and not tolerated(taint, tolerations) for taint in taints(node))


def cpu(spec: Raw) -> float:
    containers = spec.get("containers") or ()
    return sum(_cores((each.get("resources") or {}).get("requests", {}).get("cpu", "0")) for each in containers)


def has_room(node: Raw, spec: Raw, beside: Iterable[Raw]) -> bool:
    allowed = _cores((node.get("status") or {}).get("allocatable", {}).get("cpu", "1000"))
    return sum(cpu(each["spec"]) for each in beside) + cpu(spec) <= allowed


def _cores(quantity: str) -> float:
    return float(quantity[:-1]) / 1000 if quantity.endswith("m") else float(quantity)
