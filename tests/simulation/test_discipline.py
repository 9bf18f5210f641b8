from __future__ import annotations

from typing import Any

import pytest

from batchyard.api import names
from batchyard.kube import kinds, request
from batchyard.kube.kinds import Scope
from batchyard.kube.request import MERGE_PATCH, Request
from tests.simulation.discipline import Discipline

TASK = kinds.BATCH_TASK.object("team", "demo.t")


def pod(component: str, namespace: str = "team", **spec: Any) -> Request:
    container = {"name": "main", "env": [{"name": "BATCHYARD_JOB_UID", "value": "u1"}]}
    meta = {"name": "p", "namespace": namespace, "labels": {names.LABEL_COMPONENT: component}}
    return request.create(kinds.POD, namespace, {"metadata": meta, "spec": {"containers": [container], **spec}})


def container(**security: Any) -> list[dict[str, Any]]:
    return [{"name": "main", "securityContext": security}]


WRONG = {
    "delete by name": (request.delete(kinds.BATCH_TASK, TASK, {}), "S18"),
    "patch by name": (request.patch(kinds.BATCH_TASK, TASK, {"metadata": {"uid": "u"}}, MERGE_PATCH), "S18"),
    "random name": (request.create(kinds.EVENT, "team", {"metadata": {"generateName": "p-"}}), "S18"),
    "too large": (request.create(kinds.EVENT, "team", {"metadata": {"name": "e"}, "message": "x" * 600_000}), "S20"),
    "release unseen": (pod("release"), "S19"),
    "wipe unseen": (pod("wipe", "batchyard"), "S19"),
    "wipe at the tenant's": (pod("wipe", "team", containers=container()), "S21"),
    "task at the operator's": (pod("task", "batchyard"), "S21"),
    "foreign directory": (pod("task", volumes=[{"name": "v", "hostPath": {"path": "/etc"}}]), "S21"),
    "node's network": (pod("task", hostNetwork=True), "S21"),
    "privileged": (pod("task", containers=container(privileged=True)), "S21"),
    "capability": (pod("task", containers=container(capabilities={"add": ["CHOWN"]})), "S21"),
}


@pytest.mark.parametrize("what", WRONG)
def test_undisciplined_call_is_named_by_its_rule(what: str) -> None:
    call, rule = WRONG[what]
    discipline = Discipline(lambda: 0.0, "batchyard")
    discipline.heard(call)
    assert [complaint.partition(":")[0] for complaint in discipline.complaints] == [rule]


@pytest.mark.parametrize(
    "call",
    [
        pod("task"),
        request.delete(kinds.BATCH_TASK, TASK, {"preconditions": {"uid": "u"}}),
        request.patch(kinds.BATCH_TASK, TASK, {"metadata": {"uid": "u", "resourceVersion": "1"}}, MERGE_PATCH),
    ],
)
def test_disciplined_call_is_let_pass(call: Request) -> None:
    discipline = Discipline(lambda: 0.0, "batchyard")
    discipline.heard(call)
    assert discipline.complaints == []


def test_release_may_be_made_for_a_while_after_a_look_at_the_api_server() -> None:
    now = [0.0]
    discipline = Discipline(lambda: now[0], "batchyard")
    discipline.heard(request.page(Scope(kinds.POD, "team", f"{names.LABEL_JOB_UID}=u1,x in (y)"), 500, ""))
    now[0] = 20.0
    discipline.heard(pod("release"))
    assert discipline.complaints == []
    now[0] = 40.0
    discipline.heard(pod("release"))
    assert len(discipline.complaints) == 1
