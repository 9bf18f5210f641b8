"""In a namespace labelled restricted the operator's Pods run, and nobody else's get more than Pod Security's standard of that name."""

import pytest

from batchyard.kube import kinds
from tests.cluster.security import attacks
from tests.cluster.security.attacks import mounting
from tests.cluster.security.tenants import (
    OWNER,
    Object,
    Room,
)


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
    pod, root = room.task_pod(), {"name": "root", "image": "busybox", "securityContext": {"runAsUser": 0}}
    body = {**pod, "spec": {**pod["spec"], "ephemeralContainers": [root]}}
    path = kinds.POD.object(room.namespace, pod["metadata"]["name"], "ephemeralcontainers")
    assert "this namespace is restricted" in room.send(OWNER, "PUT", f"{path}?dryRun=All", body)[0]
