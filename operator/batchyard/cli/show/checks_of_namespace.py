"""Judges a namespace: what the caller may do there, whether pools' Pods may run, what is broken or stuck. Facts in, checks out."""

from __future__ import annotations

from collections.abc import Sequence

from batchyard.api.names import FINALIZER
from batchyard.cli.show.checkup import Check, Mark
from batchyard.cli.show.objects import Object, at, condition, is_true, name, plural
from batchyard.cli.show.pools import serving
from batchyard.cli.show.times import Moment, between

ENFORCE = "pod-security.kubernetes.io/enforce"
AILING = ("starttaskfailed", "unusable", "unknown", "offline", "preempted")
SHOWN = 3


def may(what: str, namespace: str, lacking: Sequence[str], role: str) -> Check:
    """`lacking`: the rights that the caller has not; not having them is no fault of the installation."""
    if lacking:
        step = f"ask for the role {role} in namespace {namespace}"
        return Check(what, Mark.WARN, f"you lack {' and '.join(lacking)} there", step)
    return Check(what, Mark.OK, f"you may, in namespace {namespace}")


def pod_security(namespace: Object) -> Check:
    level, where = str(at(namespace, "metadata.labels", {}).get(ENFORCE, "")), name(namespace)
    if level in ("baseline", "restricted"):
        told = f"namespace {where} enforces {level!r}, which refuses Pods that mount a directory of their node, as those of pools do"
        return Check(
            "pod-security", Mark.FAIL, told, f"kubectl label --overwrite namespace {where} {ENFORCE}=privileged"
        )
    told = f"enforces {level!r}" if level else "has no label of its own, so the cluster's default holds"
    return Check("pod-security", Mark.OK, f"namespace {where} {told}")


def pools(found: Sequence[Object]) -> Check:
    """Those that want nodes and have none that serves."""
    wanting = [each for each in found if _wants(each)]
    bare = [each for each in wanting if not serving(each)]
    if not bare:
        return Check("pools", Mark.OK, f"nodes serve in every pool that wants some ({len(wanting)} of {len(found)})")
    stuck = [each for each in bare if is_true(each, "Stalled") or is_true(each, "StartTaskFailed")]
    told = f"no node serves in {_some([name(each) for each in bare])}"
    return Check("pools", Mark.FAIL if stuck else Mark.WARN, told, f"batchyard why pool/{name((stuck or bare)[0])}")


def _wants(pool: Object) -> bool:
    return any(at(pool, f"spec.target{kind}Nodes", 0) for kind in ("Dedicated", "LowPriority"))


def nodes(found: Sequence[Object]) -> Check:
    """Those that take no tasks, whoever or whatever keeps them from it."""
    out = [(each, why) for each in found if (why := _ails(each))]
    if not out:
        return Check("nodes", Mark.OK, f"none of {plural(len(found), 'node')} is out of service")
    told = _some([f"{at(each, 'spec.nodeId')} ({why})" for each, why in out])
    step = f"batchyard why pool/{at(out[0][0], 'spec.poolId')}"
    return Check("nodes", Mark.WARN, f"{len(out)} of {plural(len(found), 'node')} out of service: {told}", step)


def _ails(node: Object) -> str:
    state = str(at(node, "status.state"))
    if state in AILING:
        return state
    return "scheduling disabled" if at(node, "spec.schedulingState") == "disabled" else ""


def unreadable(found: Sequence[Object]) -> Check:
    """Objects that the operator cannot make sense of are put aside, so that their neighbours go on."""
    aside = [each for each in found if condition(each, "Stalled", "True").get("reason") == "InvalidObject"]
    if not aside:
        return Check("objects", Mark.OK, f"the operator can read all pools, nodes and jobs ({len(found)})")
    told = f"the operator has put aside {_some([_called(each) for each in aside])}"
    return Check("objects", Mark.FAIL, told, f"kubectl describe {_called(aside[0])} says what is wrong")


def finalizers(found: Sequence[Object], *, operator: bool | None, now: Moment) -> Check:
    """`operator`: whether one works; None where that is not known."""
    held = [each for each in found if FINALIZER in at(each, "metadata.finalizers", [])]
    stuck = [each for each in held if at(each, "metadata.deletionTimestamp")]
    told = f"{len(stuck)} being deleted, {len(held)} with the operator's finalizer"
    if operator or not held:
        return Check("finalizers", Mark.OK, told)
    if operator is None:
        return Check("finalizers", Mark.UNKNOWN, f"{told}; whether an operator works is not known")
    if not stuck:
        return Check(
            "finalizers", Mark.WARN, f"{told}: they cannot be deleted while no operator works", "see check operator"
        )
    oldest = min(stuck, key=lambda each: str(at(each, "metadata.deletionTimestamp")))
    age = between(at(oldest, "metadata.deletionTimestamp"), "", now)
    message = f"{told}: {_called(oldest)} for {age}, and no operator works"
    return Check(
        "finalizers", Mark.FAIL, message, "start the operator again; by hand only where its nodes are gone for good"
    )


def _called(each: Object) -> str:
    return f"{str(each.get('kind', '')).lower()}/{name(each)}"


def _some(words: Sequence[str]) -> str:
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return ", ".join(words[:SHOWN]) + more
