"""Pieces that the Pods share: where they run, what they mount, as whom, and how a command line becomes a container's command."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from batchyard.api import names
from batchyard.api.command import ContainerSettings
from batchyard.api.pool import LinuxUserConfiguration, Pool
from batchyard.api.states import ContainerWorkingDirectory
from batchyard.core.actions import Manifest

POOL_USER = 1000
TERMINATION_GRACE_SECONDS = 30
RESTRICTED: Manifest = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def on_nodes(nodes: Iterable[str]) -> Manifest:
    """Required affinity to exactly these Nodes: one term each, by name, so that no label of a Node is ever written.

    No node at all is a term that nothing matches, because an empty list of terms is not allowed.
    """
    terms = [
        {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]} for node in sorted(nodes)
    ] or [{"matchExpressions": [{"key": f"{names.GROUP}/no-node", "operator": "In", "values": ["none"]}]}]
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}


def node_volumes(pool_uid: str, *, create: bool = False) -> list[Manifest]:
    """The pool's root on the node's disk and its tmpfs directory that a reboot empties; only the pool's own Pods may create them."""
    kind = "DirectoryOrCreate" if create else "Directory"
    return [
        {"name": "root", "hostPath": {"path": names.host_root(pool_uid), "type": kind}},
        {"name": "boot", "hostPath": {"path": names.host_boot(pool_uid), "type": kind}},
    ]


NODE_MOUNTS: list[Manifest] = [
    {"name": "root", "mountPath": names.ROOT_DIR},
    {"name": "boot", "mountPath": names.BOOT_DIR},
]


def run_as(*, admin: bool, own: LinuxUserConfiguration | None = None) -> Manifest:
    """The pool-wide user, one with ids of its `own`, or root inside the container for elevation level `admin`."""
    if admin:
        return {"runAsUser": 0, "runAsGroup": 0, "seccompProfile": {"type": "RuntimeDefault"}}
    user, group = (own.uid, own.gid) if own is not None else (POOL_USER, POOL_USER)
    return {"runAsUser": user, "runAsGroup": group, "runAsNonRoot": True, **RESTRICTED}


def in_groups(pool: Pool) -> Manifest:
    """Part of a Pod's spec: users with ids of their own are in the pool's group, else they could make no directory beside others."""
    own = any(each.linux_user_configuration is not None for each in pool.spec.user_accounts)
    return {"securityContext": {"supplementalGroups": [POOL_USER]}} if own else {}


def as_caretaker() -> Manifest:
    """Root with nothing but the rights over files, for our own set-up, sweep and wipe."""
    capabilities = {"drop": ["ALL"], "add": ["CHOWN", "DAC_OVERRIDE", "FOWNER"]}
    return {"runAsUser": 0, "runAsGroup": 0, **RESTRICTED, "capabilities": capabilities}


def wrapped(mode: str, command_line: str) -> list[str]:
    """run.sh around the words of a command line, split by shell quoting rules (Azure on Linux: no shell is run unless named).

    A line whose quotes do not close becomes no words at all, which run.sh reports as CommandLaunchFailed.
    """
    run = [f"{names.NODE_BIN}/busybox", "sh", f"{names.NODE_BIN}/run.sh", mode, "--"]
    return run + [literal(word) for word in words(command_line)]


@lru_cache(maxsize=256)
def words(command_line: str) -> tuple[str, ...]:
    """Remembered, for those of a range and often of a whole job are the same, and splitting is what costs most about a Pod."""
    try:
        return tuple(shlex.split(command_line))
    except ValueError:
        return ()


def literal(text: str) -> str:
    """Shielded from Kubernetes' own expansion of `$(NAME)` in commands and values."""
    return text.replace("$", "$$")


def environment(values: Mapping[str, str]) -> list[Manifest]:
    return [{"name": name, "value": value} for name, value in values.items()]


def working_directory(settings: ContainerSettings | None) -> list[Manifest]:
    """For run.sh, where the command is to start in the directory that its image names."""
    of_image = settings is not None and settings.working_directory is ContainerWorkingDirectory.IMAGE_DEFAULT
    return environment({"BATCHYARD_WORKING_DIRECTORY": "image"}) if of_image else []


def from_pod_uid(name: str) -> Manifest:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": "metadata.uid"}}}


def labels(component: str, **more: str) -> dict[str, str]:
    return {names.LABEL_MANAGED_BY: names.MANAGED_BY, names.LABEL_COMPONENT: component, **more}


def owned_by(kind: str, name: str, uid: str, *, api_version: str = names.API_VERSION) -> list[Manifest]:
    return [
        {
            "apiVersion": api_version,
            "kind": kind,
            "name": name,
            "uid": uid,
            "controller": True,
            "blockOwnerDeletion": False,
        }
    ]


def tolerate_everything() -> list[Manifest]:
    """For cleaning up: a full, cordoned or unreachable node is where it is needed most."""
    return [{"operator": "Exists"}]


def with_hash(manifest: Manifest, spec_hash: str) -> Manifest:
    """The manifest with the hash of what we want, so that a later pass sees at a glance whether it is still that."""
    metadata: dict[str, Any] = manifest["metadata"]
    annotations = {**metadata.get("annotations", {}), names.ANNOTATION_HASH: spec_hash}
    return {**manifest, "metadata": {**metadata, "annotations": annotations}}
