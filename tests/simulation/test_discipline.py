from __future__ import annotations

from typing import Any

import orjson
import pytest

from batchyard.api import names
from batchyard.kube import kinds, request
from batchyard.kube.kinds import Scope
from batchyard.kube.request import MERGE_PATCH, Request
from batchyard.kube.wire import Answer
from tests.simulation.discipline import MUST_NOT_RUN, Discipline

TASK = kinds.BATCH_TASK.object("team", "demo.t")
ROOT, BOOT = "/var/lib/batchyard", "/run/batchyard"


def affinity(node: str) -> dict[str, Any]:
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}


def mounted(*paths: str) -> list[dict[str, Any]]:
    return [{"name": path, "hostPath": {"path": path}} for path in paths]


def pod(component: str, namespace: str = "team", job: str = "u1", **spec: Any) -> Request:
    container = {"name": "main", "env": [{"name": "BATCHYARD_JOB_UID", "value": job}]}
    labels = {names.LABEL_COMPONENT: component, names.LABEL_POOL: "sample", names.LABEL_NAMESPACE: "team"}
    usual = {
        "affinity": affinity("node1"),
        "automountServiceAccountToken": False,
        "volumes": mounted(f"{ROOT}/p1", f"{BOOT}/p1"),
        "containers": [container],
    }
    meta = {"name": "p", "namespace": namespace, "labels": labels}
    return request.create(kinds.POD, namespace, {"metadata": meta, "spec": {**usual, **spec}})


def container(**security: Any) -> list[dict[str, Any]]:
    return [{"name": "main", "securityContext": security}]


def pool_wipe(*paths: str, told: str) -> Request:
    return pod(
        "wipe", "batchyard", containers=[{"name": "wipe", "command": ["wipe.sh", told]}], volumes=mounted(*paths)
    )


WIPING = {"name": "wipe", "command": ["wipe.sh", "/mnt/batch/pools/p1"]}


def discipline(now: float = 0.0) -> Discipline:
    return Discipline(lambda: now, "batchyard", _pools)


def _pools(namespace: str, name: str) -> list[str]:
    return ["p0", "p1"] if (namespace, name) == ("team", "sample") else []


WRONG = {
    "delete by name": (request.delete(kinds.BATCH_TASK, TASK, {}), "S18"),
    "patch by name": (request.patch(kinds.BATCH_TASK, TASK, {"metadata": {"uid": "u"}}, MERGE_PATCH), "S18"),
    "random name": (request.create(kinds.EVENT, "team", {"metadata": {"generateName": "p-"}}), "S18"),
    "too large": (request.create(kinds.EVENT, "team", {"metadata": {"name": "e"}, "message": "x" * 600_000}), "S20"),
    "release unseen": (pod("release"), "S19"),
    "wipe unseen": (pod("wipe", "batchyard"), "S19"),
    "wipe at the tenant's": (pod("wipe", job="", containers=[WIPING], volumes=mounted(ROOT, BOOT)), "S21"),
    "task at the operator's": (pod("task", "batchyard"), "S21"),
    "node's network": (pod("task", hostNetwork=True), "S21"),
    "token": (pod("task", automountServiceAccountToken=True), "S21"),
    "privileged": (pod("task", containers=container(privileged=True)), "S21"),
    "capability": (pod("task", containers=container(capabilities={"add": ["CHOWN"]})), "S21"),
    "foreign directory": (pod("task", volumes=mounted("/etc")), "S21"),
    "one more": (pod("task", volumes=mounted(f"{ROOT}/p1", f"{BOOT}/p1", "/etc")), "S21"),
    "all pools": (pod("task", volumes=mounted(ROOT, BOOT)), "S21"),
    "another pool": (pod("task", volumes=mounted(f"{ROOT}/p2", f"{BOOT}/p2")), "S21"),
    "two pools": (pod("task", volumes=mounted(f"{ROOT}/p0", f"{BOOT}/p1")), "S21"),
    "a way out": (pod("task", volumes=mounted(f"{ROOT}/p1/../../../../etc", f"{BOOT}/p1")), "S21"),
    "beside it": (pod("task", volumes=mounted(f"{ROOT}/p1", "/run/batchyard-x")), "S21"),
    "wipe of another pool": (pool_wipe(ROOT, told="/mnt/batch/pools/p2"), "S21"),
    "wipe of all pools": (pool_wipe(ROOT, told="/mnt/batch/pools"), "S21"),
    "wipe that sees more": (pool_wipe("/var/lib", told="/mnt/batch/pools/p1"), "S21"),
}


@pytest.mark.parametrize("what", WRONG)
def test_undisciplined_call_is_named_by_its_rule(what: str) -> None:
    call, rule = WRONG[what]
    ears = discipline()
    ears.sends(call)
    assert [complaint.partition(":")[0] for complaint in ears.complaints] == [rule]


@pytest.mark.parametrize(
    "call",
    [
        pod("task"),
        pool_wipe(ROOT, BOOT, told="/mnt/batch/pools/p0"),
        request.delete(kinds.BATCH_TASK, TASK, {"preconditions": {"uid": "u"}}),
        request.patch(kinds.BATCH_TASK, TASK, {"metadata": {"uid": "u", "resourceVersion": "1"}}, MERGE_PATCH),
    ],
)
def test_disciplined_call_is_let_pass(call: Request) -> None:
    ears = discipline()
    ears.sends(call)
    assert ears.complaints == []


def look(component: str = "release", job: str = "u1", namespace: str = "team") -> Request:
    components = ",".join(MUST_NOT_RUN[component])
    selector = f"{names.LABEL_JOB_UID}={job},{names.LABEL_COMPONENT} in ({components})"
    return request.page(Scope(kinds.POD, namespace, selector), 500, "")


def found(*pods: dict[str, Any], more: str = "", code: int = 200) -> Answer:
    return Answer(code, orjson.dumps({"metadata": {"continue": more}, "items": pods}))


def there(component: str, node: str, phase: str = "Running", *, bound: bool = True) -> dict[str, Any]:
    spec = {"nodeName": node} if bound else {"affinity": affinity(node)}
    return {"metadata": {"labels": {names.LABEL_COMPONENT: component}}, "spec": spec, "status": {"phase": phase}}


@pytest.mark.parametrize(
    ("call", "answer", "heeded"),
    [
        (look(), found(), True),
        (look("wipe"), found(), True),
        (look(), found(there("task", "node2"), there("task", "node1", "Succeeded")), True),
        (look(), found(code=500), False),
        (look(), found(more="next"), False),
        (look(job="u2"), found(), False),
        (look(namespace="others"), found(), False),
        (look(), found(there("task", "node1")), False),
        (look(), found(there("task", "node1", "Pending", bound=False)), False),
        (look(), found(there("preparation", "node1", "Succeeded")), False),
        (request.page(Scope(kinds.POD, "team", f"{names.LABEL_JOB_UID}=u1,x in (y)"), 500, ""), found(), False),
    ],
)
def test_release_is_made_after_a_look_that_found_nothing_on_the_node(
    call: Request, answer: Answer, heeded: bool
) -> None:
    ears = discipline()
    ears.hears(call, answer)
    ears.sends(pod("release"))
    assert [complaint.partition(":")[0] for complaint in ears.complaints] == ([] if heeded else ["S19"])


def test_wipe_is_not_made_after_a_look_that_did_not_ask_for_releases() -> None:
    ears = discipline()
    ears.hears(look("release"), found())
    ears.sends(pod("wipe", "batchyard"))
    assert len(ears.complaints) == 1


def test_the_last_look_counts_and_only_for_a_while() -> None:
    now = [0.0]
    ears = Discipline(lambda: now[0], "batchyard", _pools)
    ears.hears(look(), found())
    now[0] = 20.0
    ears.sends(pod("release"))
    assert ears.complaints == []
    ears.hears(look(), found(there("task", "node1")))
    ears.sends(pod("release"))
    assert len(ears.complaints) == 1
    ears.hears(look(), found())
    now[0] = 51.0
    ears.sends(pod("release"))
    assert len(ears.complaints) == 2
