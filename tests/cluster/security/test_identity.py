"""Nobody passes as the operator, changes its Pods, or mounts what only they mount."""

import pytest

from tests.cluster import installation
from tests.cluster.security import attacks
from tests.cluster.security.attacks import FINALIZER, MANAGED_BY, VICTIM, WITHOUT_FINALIZERS, mounting
from tests.cluster.security.tenants import (
    DAEMON_SET_CONTROLLER,
    EVERYWHERE,
    OWNER,
    Object,
    Room,
)


@pytest.mark.parametrize(
    "metadata",
    [
        {"labels": MANAGED_BY},
        {"labels": {"batchyard.io/job": "job"}},
        {"finalizers": [FINALIZER]},
        {"ownerReferences": attacks.owned("job.one", VICTIM)},
    ],
)
@pytest.mark.parametrize("user", [OWNER, "system:serviceaccount:kube-system:replicaset-controller"])
def test_nobody_else_makes_a_pod_that_counts_as_ours(room: Room, user: str, metadata: Object) -> None:
    assert "for the operator's own Pods" in room.create(user, attacks.pod(metadata=metadata))


@pytest.mark.parametrize(
    "body",
    [attacks.daemon_set(metadata={"labels": MANAGED_BY}), attacks.daemon_set(labels=MANAGED_BY)],
    ids=["own", "template"],
)
def test_nobody_else_makes_a_daemon_set_that_counts_as_ours(room: Room, body: Object) -> None:
    assert "for the operator's own Pods" in room.create(OWNER, body)


def test_a_pod_that_no_daemon_set_owns_is_not_believed_to_the_controller_either(room: Room) -> None:
    assert "for the operator's own Pods" in room.create(
        DAEMON_SET_CONTROLLER, attacks.pod(metadata={"labels": MANAGED_BY})
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"metadata": {"labels": {"batchyard.io/attempt": "9"}}}, "set by the operator alone"),
        ({"metadata": {"labels": {"batchyard.io/task-uid": None}}}, "set by the operator alone"),
        (WITHOUT_FINALIZERS, "set by the operator alone"),
        ({"metadata": {"ownerReferences": None}}, "set by the operator alone"),
        ({"spec": {"activeDeadlineSeconds": 1}}, "changed by the operator alone"),
    ],
)
def test_nobody_else_changes_the_pod_of_a_task(room: Room, change: Object, reason: str) -> None:
    assert reason in room.patch(OWNER, f"Pod/{room.task_pod()['metadata']['name']}", change)


def test_labels_of_ones_own_can_be_put_on_the_pod_of_a_task(room: Room) -> None:
    assert (
        room.patch(OWNER, f"Pod/{room.task_pod()['metadata']['name']}", {"metadata": {"labels": {"mine": "1"}}}) == ""
    )


def test_a_strangers_pod_is_not_made_ours_later(room: Room) -> None:
    theirs = str(installation.operator_pod(room.cluster)["metadata"]["name"])
    change = {"metadata": {"labels": MANAGED_BY}}
    assert "set by the operator alone" in room.patch(
        EVERYWHERE, f"Pod/{theirs}", change, namespace=installation.NAMESPACE
    )


@pytest.mark.parametrize("name", ["job-prep", "pool-node"])
def test_nobody_else_changes_what_runs_on_every_node(room: Room, name: str) -> None:
    change = {"spec": {"minReadySeconds": 9}}
    assert "changed by the operator alone" in room.patch(OWNER, f"DaemonSet/{name}", change)


@pytest.mark.parametrize(
    "path",
    [
        f"/var/lib/batchyard/{VICTIM}",
        f"/var/lib/batchyard/{VICTIM}/shared",
        "/var/lib/batchyard",
        "//var//lib/./batchyard/x",
        "/run/batchyard/x",
        "/var/run/batchyard/x",
    ],
)
def test_nobody_else_mounts_a_pools_directory(room: Room, path: str) -> None:
    reason = "belong to pools"
    assert reason in room.create(EVERYWHERE, attacks.pod(**mounting(path)), "default")
    assert reason in room.create(OWNER, attacks.daemon_set(**mounting(path)))
    for source in ({"hostPath": {"path": path}}, attacks.local_volume(path)):
        assert reason in room.create(EVERYWHERE, attacks.persistent_volume(source))


def test_other_directories_of_nodes_are_left_to_pod_security(room: Room) -> None:
    assert room.create(EVERYWHERE, attacks.pod(**mounting("/var/lib/batchyard-of-others")), "default") == ""
