"""In a namespace labelled restricted the operator's Pods run, and nobody else's get more than Pod Security's standard of that name."""

import json

import pytest

from batchyard.kube import kinds
from tests.chart.helm import rendered, the
from tests.cluster import installation
from tests.cluster.cluster import Cluster
from tests.cluster.commands import CommandError
from tests.cluster.security import attacks
from tests.cluster.security.attacks import mounting
from tests.cluster.security.tenants import EVERYWHERE, OWNER, Object, Room

ENFORCED: Object = {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {"name": "enforced", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
}
ENFORCED_CREATE = ("create", "-n", "enforced", "--dry-run=server", "-f", "-")


def test_the_charts_own_pods_meet_what_pod_security_enforces(operator: Cluster) -> None:
    """Judged by the API server's own check, as where an administrator enforces it."""
    operator.apply(json.dumps(ENFORCED))
    deployment = the(rendered(), "Deployment", "batchyard")
    own = [deployment["spec"]["template"]["spec"], the(rendered(), "Pod", "batchyard-test")["spec"]]
    for spec in own:
        pod = attacks.pod(**{**spec, "serviceAccountName": "default"})
        operator.kubectl(*ENFORCED_CREATE, stdin=json.dumps(pod))
    with pytest.raises(CommandError, match='violates PodSecurity "restricted'):
        operator.kubectl(*ENFORCED_CREATE, stdin=json.dumps(attacks.pod(hostPID=True)))


def test_the_operators_namespace_is_restricted_where_it_is_labelled_as_told(room: Room) -> None:
    """It is so for all tests on the cluster, so wipes and `helm test` work there all the same."""
    refusal = room.create(EVERYWHERE, attacks.pod(hostPID=True), installation.NAMESPACE)
    assert "this namespace is restricted" in refusal


def test_a_restricted_pod_is_let_into_a_restricted_namespace(room: Room) -> None:
    assert room.create(OWNER, attacks.pod()) == ""


@pytest.mark.parametrize(
    "pod",
    [
        attacks.pod(hostNetwork=True),
        attacks.pod(hostPID=True),
        attacks.pod(hostIPC=True),
        attacks.pod(**mounting("/")),
        attacks.pod(securityContext={"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}),
        attacks.pod(initContainers=[{"name": "init", "image": "busybox"}]),
        *(
            attacks.pod(container=attacks.restricted_container(context=context))
            for context in (
                {"privileged": True, "allowPrivilegeEscalation": True},
                {"allowPrivilegeEscalation": None},
                {"runAsNonRoot": None},
                {"runAsUser": 0},
                {"capabilities": None},
                {"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}},
                {"seccompProfile": None},
                {"seccompProfile": {"type": "Unconfined"}},
                {"appArmorProfile": {"type": "Unconfined"}},
                {"seLinuxOptions": {"type": "spc_t"}},
            )
        ),
        attacks.pod(container=attacks.restricted_container(ports=[{"containerPort": 80, "hostPort": 80}])),
    ],
    ids=lambda pod: str(pod["spec"])[:120],
)
def test_nothing_else_is(room: Room, pod: Object) -> None:
    assert "this namespace is restricted" in room.create(OWNER, pod)


def test_no_ephemeral_container_brings_root_to_a_pools_directory(room: Room) -> None:
    assert "this namespace is restricted" in debugged(
        room, {"name": "root", "image": "busybox", "securityContext": {"runAsUser": 0}}
    )


def test_a_restricted_ephemeral_container_may_join_the_pod_of_a_task(room: Room) -> None:
    """As `exec` may: for people who look for what is wrong with their task."""
    assert debugged(room, {**attacks.restricted_container(), "name": "debug"}) == ""


def debugged(room: Room, container: Object) -> str:
    """What is said to somebody who adds the container to the Pod of a task."""
    pod = room.task_pod()
    body = {**pod, "spec": {**pod["spec"], "ephemeralContainers": [container]}}
    path = kinds.POD.object(room.namespace, pod["metadata"]["name"], "ephemeralcontainers")
    return room.send(OWNER, "PUT", f"{path}?dryRun=All", body)[0]
