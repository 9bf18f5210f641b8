from __future__ import annotations

import pytest

from batchyard.kube.errors import NotFound, Rejected
from batchyard.kube.kinds import BATCH_JOB, BATCH_TASK, POD
from batchyard.kube.kinds import NAMESPACE as NAMESPACE_KIND
from batchyard.kube.request import delete
from tests.simulation.api.call import Body, Request
from tests.simulation.api.calling import NAMESPACE, Caller

SPEC = {"poolInfo": {"poolId": "sample"}}
TASK = {"jobId": "a", "commandLine": "true"}
POD_SPEC: Body = {"containers": [{"name": "a", "image": "busybox"}]}


def owned_by(job: Body) -> Body:
    meta = job["metadata"]
    reference = {"apiVersion": job["apiVersion"], "kind": job["kind"], "name": meta["name"], "uid": meta["uid"]}
    return {"ownerReferences": [{**reference, "controller": True, "blockOwnerDeletion": True}]}


def test_what_has_lost_its_owner_is_collected_one_by_one(caller: Caller) -> None:
    job = caller.create(BATCH_JOB, "a", spec=SPEC)
    for name in ("a1", "a2"):
        caller.create(BATCH_TASK, name, spec=TASK, meta=owned_by(job))
    caller.create(BATCH_TASK, "free", spec=TASK)
    assert not caller.server.collect_garbage()
    caller.delete(BATCH_JOB, "a")
    caller.create(BATCH_JOB, "a", spec=SPEC)  # of the same name, but not the owner
    assert caller.server.collect_garbage()
    assert caller.get(BATCH_TASK, "a2")
    assert caller.server.collect_garbage()
    assert not caller.server.collect_garbage()
    assert caller.get(BATCH_TASK, "free")
    for name in ("a1", "a2"):
        with pytest.raises(NotFound):
            caller.get(BATCH_TASK, name)


def test_owner_waits_for_its_dependents_when_asked_to(caller: Caller) -> None:
    job = caller.create(BATCH_JOB, "a", spec=SPEC)
    caller.create(BATCH_TASK, "a1", spec=TASK, meta=owned_by(job))
    caller.delete(BATCH_JOB, "a", propagationPolicy="Foreground")
    assert caller.server.collect_garbage()
    with pytest.raises(NotFound):
        caller.get(BATCH_TASK, "a1")
    assert caller.get(BATCH_JOB, "a")
    assert caller.server.collect_garbage()
    with pytest.raises(NotFound):
        caller.get(BATCH_JOB, "a")


def test_orphans_are_left_alone_when_asked_to(caller: Caller) -> None:
    job = caller.create(BATCH_JOB, "a", spec=SPEC)
    caller.create(BATCH_TASK, "a1", spec=TASK, meta=owned_by(job))
    caller.delete(BATCH_JOB, "a", propagationPolicy="Orphan")
    while caller.server.collect_garbage():
        pass
    assert "ownerReferences" not in caller.get(BATCH_TASK, "a1")["metadata"]
    with pytest.raises(NotFound):
        caller.get(BATCH_JOB, "a")


def test_ending_namespace_takes_nothing_new_and_goes_when_it_is_empty(caller: Caller) -> None:
    caller.create(BATCH_JOB, "a", spec=SPEC, meta={"finalizers": ["batchyard.io/hold"]})
    caller.create(BATCH_TASK, "a1", spec=TASK)
    ending = caller.do(delete(NAMESPACE_KIND, NAMESPACE_KIND.object(None, NAMESPACE), {}))
    assert ending["status"]["phase"] == "Terminating"
    with pytest.raises(Rejected) as caught:
        caller.create(BATCH_JOB, "b", spec=SPEC)
    assert caught.value.status == 403
    assert [cause.reason for cause in caught.value.causes] == ["NamespaceTerminating"]
    while caller.server.end_namespaces():
        pass
    assert caller.get(BATCH_JOB, "a")
    caller.patch(BATCH_JOB, "a", {"metadata": {"finalizers": None}})
    assert caller.server.end_namespaces()
    assert not caller.server.end_namespaces()
    with pytest.raises(NotFound) as absent:
        caller.create(BATCH_JOB, "b", spec=SPEC)
    assert absent.value.status == 404


def test_pod_on_a_node_waits_for_its_kubelet(caller: Caller) -> None:
    caller.create(POD, "a", spec=POD_SPEC)
    binding = {"target": {"kind": "Node", "name": "node1"}}
    answer = caller.server.handle(Request("POST", POD.object(NAMESPACE, "a", "binding"), {}, binding))
    assert answer.code == 201
    assert caller.get(POD, "a")["spec"]["nodeName"] == "node1"
    marked = caller.delete(POD, "a")
    assert marked["metadata"]["deletionGracePeriodSeconds"] == 30
    assert caller.delete(POD, "a") == marked
    caller.delete(POD, "a", gracePeriodSeconds=0)
    with pytest.raises(NotFound):
        caller.get(POD, "a")


def test_pod_that_no_node_has_goes_at_once(caller: Caller) -> None:
    caller.create(POD, "a", spec=POD_SPEC)
    caller.delete(POD, "a")
    with pytest.raises(NotFound):
        caller.get(POD, "a")
