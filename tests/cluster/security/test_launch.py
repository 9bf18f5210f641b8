"""Nobody gains more through a pool, a job or a task than through a Pod; what the operator writes down is its alone."""

import pytest

from tests.cluster import installation
from tests.cluster.security import attacks
from tests.cluster.security.attacks import VICTIM, WITHOUT_FINALIZERS
from tests.cluster.security.tenants import (
    ADMIN,
    EDIT,
    EVERYWHERE,
    OWNER,
    POOL_WRITER,
    SUBMITTER,
    USER,
    Object,
    Room,
)


@pytest.mark.parametrize(
    ("user", "body", "reason"),
    [
        (SUBMITTER, attacks.job(), "needs the right to create pods in its namespace, or the verb use"),
        (SUBMITTER, attacks.task(), "needs the right to create pods in its namespace, or the verb use"),
        (USER, attacks.job("other"), "needs the right to create pods in its namespace, or the verb use"),
        (POOL_WRITER, attacks.pool(), "needs the right to create pods and daemonsets"),
        (OWNER, attacks.pool(maxElevationLevel="admin"), "maxElevationLevel admin"),
    ],
)
def test_work_is_asked_for_only_by_those_who_may_do_it_themselves(
    room: Room, user: str, body: Object, reason: str
) -> None:
    assert reason in room.create(user, body)


@pytest.mark.parametrize(
    ("user", "body"),
    [
        (EDIT, attacks.job()),
        (EDIT, attacks.task()),
        (ADMIN, attacks.pool()),
        (USER, attacks.job()),
        (OWNER, attacks.job()),
    ],
)
def test_those_who_may_are_let_through(room: Room, user: str, body: Object) -> None:
    assert room.create(user, body) == ""


def test_changing_a_job_asks_for_the_same_rights_as_writing_it(room: Room) -> None:
    assert "needs the right to create pods" in room.patch(SUBMITTER, "BatchJob/job", {"spec": {"priority": 9}})
    assert room.patch(SUBMITTER, "BatchJob/job", {"metadata": {"labels": {"mine": "1"}}}) == ""
    assert room.patch(USER, "BatchJob/job", {"spec": {"priority": 9}}) == ""


@pytest.mark.parametrize("namespace", ["kube-system", installation.NAMESPACE])
def test_no_job_runs_beside_the_operator_or_the_cluster(room: Room, namespace: str) -> None:
    assert "not for the namespaces of the cluster or the operator" in room.create(EVERYWHERE, attacks.job(), namespace)


@pytest.mark.parametrize("user", [OWNER, ADMIN])
@pytest.mark.parametrize("what", ["BatchPool/pool", "BatchJob/job", "BatchTask", "BatchNode", "BatchJobNode"])
def test_no_tenant_writes_a_status(room: Room, user: str, what: str) -> None:
    refusal = room.patch(user, what, {"status": {"observedGeneration": 9}}, "status")
    assert ("status is written by the operator alone" if user == OWNER else "cannot") in refusal


@pytest.mark.parametrize("body", [attacks.record(), attacks.member()], ids=lambda body: str(body["kind"]))
def test_no_tenant_makes_a_record(room: Room, body: Object) -> None:
    assert "made by the operator alone" in room.create(OWNER, body)
    assert "forbidden" in room.create(ADMIN, body)


@pytest.mark.parametrize("change", [{"poolUID": VICTIM}, {"nodeUID": "another"}])
def test_no_tenant_turns_a_record_on_another_pool_or_node(room: Room, change: Object) -> None:
    assert "changed by the operator alone" in room.patch(OWNER, "BatchJobNode", {"spec": change})


@pytest.mark.parametrize("what", ["BatchJobNode", "BatchNode"])
def test_no_tenant_gives_a_record_to_another_owner(room: Room, what: str) -> None:
    refusal = room.patch(OWNER, what, {"metadata": {"ownerReferences": attacks.owned("x", VICTIM)}})
    assert "owners of these records" in refusal


def test_no_tenant_says_that_a_node_is_another_machine(room: Room) -> None:
    assert "nodeUID is written by the operator alone" in room.patch(
        OWNER, "BatchNode", {"spec": {"nodeUID": "another"}}
    )


@pytest.mark.parametrize("what", ["BatchPool/pool", "BatchJob/job", "BatchJobNode", "BatchNode"])
def test_no_tenant_takes_a_finalizer_off(room: Room, what: str) -> None:
    assert "goes when the nodes are cleaned" in room.patch(OWNER, what, WITHOUT_FINALIZERS)


def test_an_administrator_of_the_cluster_can_break_the_glass(room: Room) -> None:
    namespaced = ("-n", room.namespace, "--type=merge", "--dry-run=server", "-p", '{"metadata": {"finalizers": null}}')
    assert "patched" in room.cluster.kubectl("patch", "batchjob", "job", *namespaced)


def test_what_users_may_ask_of_a_node_stays_allowed(room: Room) -> None:
    assert room.patch(ADMIN, "BatchNode", {"spec": {"schedulingState": "disabled", "reboots": 1}}) == ""
