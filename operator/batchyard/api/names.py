"""Every name the project gives to something in the cluster: group, labels, children, paths. No I/O, no decisions."""

from __future__ import annotations

import hashlib
import re

GROUP = "batchyard.io"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"
FIELD_MANAGER = "batchyard"
FINALIZER = f"{GROUP}/cleanup"
MANAGED_BY = "batchyard"
INSTALLATION = "installation"

LABEL_MANAGED_BY = "app.kubernetes.io/managed-by"
SELECTOR_OURS = f"{LABEL_MANAGED_BY}={MANAGED_BY}"
LABEL_COMPONENT = "app.kubernetes.io/component"
LABEL_POOL = f"{GROUP}/pool"
LABEL_JOB = f"{GROUP}/job"
LABEL_JOB_UID = f"{GROUP}/job-uid"
LABEL_TASK_UID = f"{GROUP}/task-uid"
LABEL_INDEX = f"{GROUP}/index"
LABEL_ATTEMPT = f"{GROUP}/attempt"
LABEL_SLOTS = f"{GROUP}/required-slots"
LABEL_DEDICATED = f"{GROUP}/dedicated"
LABEL_PREEMPTED_BY = f"{GROUP}/preempted-by"
LABEL_NAMESPACE = f"{GROUP}/namespace"
LABEL_PART_OF = f"{GROUP}/part-of"
"""Of what the chart installs, whatever its names."""
ANNOTATION_HASH = f"{GROUP}/spec-hash"

COMPONENT_POOL_NODE = "pool-node"
COMPONENT_PREPARATION = "preparation"
COMPONENT_TASK = "task"
COMPONENT_RELEASE = "release"
COMPONENT_WIPE = "wipe"

# Paths inside every container (design section 4); the host directories carry the pool's UID.
ROOT_DIR = "/mnt/batch/tasks"
BOOT_DIR = "/mnt/batch/boot"
HOST_ROOT = "/var/lib/batchyard"
HOST_BOOT = "/run/batchyard"
NODE_BIN = f"{ROOT_DIR}/.batchyard/bin"
IMAGE_BUSYBOX = "/opt/batchyard/bin/busybox"
IMAGE_NODE = "/opt/batchyard/node"

_OBJECT_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def digest(*parts: str, length: int = 10) -> str:
    """A short stable hash of the parts, safe in object names."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:length]


def slug(identifier: str) -> str:
    """An Azure id as part of an object name: itself if it is one, else lower-cased with a hash so that it stays unique."""
    if _OBJECT_NAME.fullmatch(identifier) and len(identifier) <= 64:
        return identifier
    plain = re.sub(r"[^a-z0-9]+", "-", identifier.lower()).strip("-")[:50]
    return f"{plain}-{digest(identifier)}" if plain else digest(identifier)


def pool_daemon_set(pool: str, *, dedicated: bool = True) -> str:
    return f"{pool}-node" if dedicated else f"{pool}-low"


def preparation_daemon_set(job: str) -> str:
    return f"{job}-prep"


def batch_node(pool: str, node: str) -> str:
    return f"{pool}.{node}"


def job_node(job: str, node: str) -> str:
    return f"{job}.{node}"


def task(job: str, task_id: str) -> str:
    return f"{job}.{slug(task_id)}"


def range_key(task_name: str) -> str:
    """What a range task goes by, which has many ids: no id has brackets."""
    return f"[{task_name}]"


def task_pod(task_name: str, task_uid: str, attempt: int, index: int | None = None) -> str:
    """Name of the Pod of one attempt: f(task, index, attempt), at most 63 characters so that it is also a host name."""
    which = f"{attempt}" if index is None else f"{index}-{attempt}"
    return f"{task_name[: 46 - len(which)].rstrip('-.')}-{digest(task_uid, length=8)}-{which}".replace(".", "-")


def release_pod(job: str, job_node_uid: str) -> str:
    return f"{job[:40].rstrip('-.')}-release-{digest(job_node_uid, length=8)}"


def wipe_pod(record_uid: str) -> str:
    return f"wipe-{digest(record_uid, length=16)}"


def host_root(pool_uid: str) -> str:
    return f"{HOST_ROOT}/{pool_uid}"


def host_boot(pool_uid: str) -> str:
    return f"{HOST_BOOT}/{pool_uid}"
