"""The Pods that remove directories from a node. Ours alone, in the operator's namespace, so that a namespace that ends can be cleaned."""

from __future__ import annotations

from batchyard.api import names
from batchyard.api.job_node import JobNode
from batchyard.api.node import Node
from batchyard.core.actions import Manifest
from batchyard.core.pods.parts import as_caretaker, environment, labels, node_volumes, on_nodes, tolerate_everything
from batchyard.core.snapshot import Rules

WIPE, WIPE_BOOT = "wipe", "wipe-boot"
POOLS_DIR, BOOTS_DIR = "/mnt/batch/pools", "/mnt/batch/boots"


def job_wipe_pod(record: JobNode, rules: Rules) -> Manifest:
    """Removes the job's directory and marks from its node."""
    spec = record.spec
    container = {
        **_container([f"{names.ROOT_DIR}/{spec.directory}"], rules),
        "env": environment({"BATCHYARD_JOB_UID": spec.job_uid, "AZ_BATCH_NODE_ROOT_DIR": names.ROOT_DIR}),
        "volumeMounts": [{"name": "root", "mountPath": names.ROOT_DIR}, {"name": "boot", "mountPath": names.BOOT_DIR}],
    }
    more = {names.LABEL_NAMESPACE: record.namespace, names.LABEL_POOL: spec.pool_id, names.LABEL_JOB: spec.job_id}
    # A node that lost the pool's directories has nothing to wipe: they are made, found empty, and that is success.
    volumes = node_volumes(spec.pool_uid, create=True)
    return _pod(record.uid, spec.node_id, container, volumes, more, rules)


def pool_wipe_pod(member: Node, pool_uid: str, rules: Rules, request: str = "") -> Manifest:
    """Removes all of the pool from one node: the marks of this boot, then its root."""
    pod = boot_wipe_pod(member, pool_uid, rules, request)
    (boot,) = pod["spec"]["containers"]
    pod["spec"]["initContainers"] = [{**boot, "name": WIPE_BOOT}]
    pod["spec"]["containers"] = [_of_pool("pools", POOLS_DIR, pool_uid, rules)]
    pod["spec"]["volumes"].append(_host("pools", names.HOST_ROOT))
    return pod


def boot_wipe_pod(member: Node, pool_uid: str, rules: Rules, request: str = "") -> Manifest:
    """Removes the pool's marks of this boot from one node, as a reboot does."""
    more = {names.LABEL_NAMESPACE: member.namespace, names.LABEL_POOL: member.spec.pool_id}
    container = _of_pool("boots", BOOTS_DIR, pool_uid, rules)
    volumes = [_host("boots", names.HOST_BOOT)]
    return _pod(_key(member, request), member.spec.node_id, container, volumes, more, rules)


def wipe_name(member: Node, request: str = "") -> str:
    """Name of a pool's wipe Pod on one node; each request of a user has its own."""
    return names.wipe_pod(_key(member, request))


def _key(member: Node, request: str) -> str:
    return f"{member.uid}.{request}" if request else member.uid


def _of_pool(volume: str, directory: str, pool_uid: str, rules: Rules) -> Manifest:
    mount = {"name": volume, "mountPath": directory}
    return {**_container([f"{directory}/{pool_uid}"], rules), "volumeMounts": [mount]}


def _host(volume: str, path: str) -> Manifest:
    return {"name": volume, "hostPath": {"path": path, "type": "DirectoryOrCreate"}}


def _container(arguments: list[str], rules: Rules) -> Manifest:
    return {
        "name": WIPE,
        "image": rules.image,
        "imagePullPolicy": rules.image_pull_policy,
        "command": [names.IMAGE_BUSYBOX, "sh", f"{names.IMAGE_NODE}/wipe.sh", *arguments],
        "securityContext": as_caretaker(),
        "resources": {"requests": {"cpu": "1m", "memory": "8Mi"}, "limits": {"memory": "128Mi"}},
    }


def _pod(
    record_uid: str, node: str, container: Manifest, volumes: list[Manifest], more: dict[str, str], rules: Rules
) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": names.wipe_pod(record_uid),
            "namespace": rules.namespace,
            "labels": labels(names.COMPONENT_WIPE, **more),
        },
        "spec": {
            # A kubelet whose disk is full refuses all but critical Pods, and this one makes room.
            **({"priorityClassName": rules.wipe_priority_class} if rules.wipe_priority_class else {}),
            **(
                {"imagePullSecrets": [{"name": each} for each in secrets]}
                if (secrets := rules.image_pull_secrets)
                else {}
            ),
            "affinity": on_nodes([node]),
            "tolerations": tolerate_everything(),
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 5,
            "volumes": volumes,
            "containers": [container],
        },
    }
