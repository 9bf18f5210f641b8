"""Nobody passes as the operator, changes its Pods, or mounts what only they mount."""

import pytest

from batchyard.kube import kinds
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


@pytest.mark.parametrize(
    "change",
    [
        {"status": {"phase": "Succeeded"}},
        {"metadata": {"labels": {"batchyard.io/task-uid": None}}},
        WITHOUT_FINALIZERS,
    ],
    ids=str,
)
def test_nobody_else_says_how_the_pod_of_a_task_fares(room: Room, change: Object) -> None:
    what = f"Pod/{room.task_pod()['metadata']['name']}"
    assert "by nodes and the cluster's controllers alone" in room.patch(OWNER, what, change, "status")


def test_a_strangers_pod_is_not_made_ours_through_its_status_either(room: Room) -> None:
    refusal = room.patch(OWNER, "Pod/stranger", {"metadata": {"labels": MANAGED_BY}}, "status")
    assert "by nodes and the cluster's controllers alone" in refusal
    assert room.patch(OWNER, "Pod/stranger", {"status": {"phase": "Succeeded"}}, "status") == ""


@pytest.mark.parametrize("name", ["job-prep", "pool-node"])
def test_nobody_else_says_how_what_runs_on_every_node_fares(room: Room, name: str) -> None:
    refusal = room.patch(OWNER, f"DaemonSet/{name}", WITHOUT_FINALIZERS, "status")
    assert "by nodes and the cluster's controllers alone" in refusal


def test_nobody_else_gives_the_pod_of_a_task_other_resources(room: Room) -> None:
    pod = room.task_pod()
    (container,) = pod["spec"]["containers"]
    larger = {"name": container["name"], "resources": {"requests": {"memory": "1Gi"}}}
    body = {**pod, "spec": {**pod["spec"], "containers": [{**container, **larger}]}}
    path = kinds.POD.object(room.namespace, pod["metadata"]["name"], "resize")
    assert "changed by the operator alone" in room.send(OWNER, "PUT", f"{path}?dryRun=All", body)[0]


@pytest.mark.parametrize(
    "user",
    [
        "system:serviceaccount:kube-system:pod-garbage-collector",
        "system:serviceaccount:kube-system:node-controller",
        "system:kube-scheduler",
    ],
)
def test_the_clusters_own_controllers_still_say_how_pods_fare(room: Room, user: str) -> None:
    condition = {"type": "DisruptionTarget", "status": "True", "reason": "DeletionByPodGC"}
    pod = room.task_pod()
    change = {"status": {"conditions": [*pod["status"]["conditions"], condition]}}
    assert room.patch(user, f"Pod/{pod['metadata']['name']}", change, "status") == ""


def test_the_controller_of_daemon_sets_still_says_how_they_fare(room: Room) -> None:
    found = room.cluster.get_all("daemonset", room.namespace)
    assert [each["status"]["desiredNumberScheduled"] for each in found] == [1, 1]


def test_labels_of_ones_own_can_be_put_on_the_pod_of_a_task(room: Room) -> None:
    assert (
        room.patch(OWNER, f"Pod/{room.task_pod()['metadata']['name']}", {"metadata": {"labels": {"mine": "1"}}}) == ""
    )


def test_a_strangers_pod_is_not_made_ours_later(room: Room) -> None:
    change = {"metadata": {"labels": MANAGED_BY}}
    assert "set by the operator alone" in room.patch(OWNER, "Pod/stranger", change)


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
        f"/proc/1/root/var/lib/batchyard/{VICTIM}",
        "/proc//./self/cwd/var/lib/batchyard",
        "/proc/thread-self/root",
        "/dev/fd/3",
    ],
)
def test_nobody_else_mounts_a_pools_directory(room: Room, path: str) -> None:
    reason = "only the operator's Pods may mount"
    assert reason in room.create(EVERYWHERE, attacks.pod(**mounting(path)), "default")
    assert reason in room.create(OWNER, attacks.daemon_set(**mounting(path)))
    for source in ({"hostPath": {"path": path}}, attacks.local_volume(path)):
        assert reason in room.create(EVERYWHERE, attacks.persistent_volume(source))


@pytest.mark.parametrize("path", ["/var/lib/batchyard-of-others", "/proc", "/proc/sys/net"])
def test_other_directories_of_nodes_are_left_to_pod_security(room: Room, path: str) -> None:
    assert room.create(EVERYWHERE, attacks.pod(**mounting(path)), "default") == ""
