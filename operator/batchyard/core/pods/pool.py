"""The pool's DaemonSet: directories, start task, and the agent that sweeps. One Pod on every node of the pool."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from batchyard.api import names
from batchyard.api.pool import Pool, StartTask
from batchyard.core.actions import Manifest
from batchyard.core.pods import environment as env
from batchyard.core.pods.parts import (
    NODE_MOUNTS,
    as_caretaker,
    environment,
    from_pod_uid,
    in_groups,
    labels,
    node_volumes,
    on_nodes,
    owned_by,
    run_as,
    with_hash,
    working_directory,
    wrapped,
)
from batchyard.core.snapshot import Rules
from batchyard.core.tasks.users import is_admin, own_ids

SETUP, START_TASK, AGENT = "setup", "start-task", "agent"
_SMALL: Manifest = {"requests": {"cpu": "1m", "memory": "8Mi"}, "limits": {"memory": "64Mi"}}


def daemon_set(pool: Pool, nodes: Iterable[str], rules: Rules, *, dedicated: bool = True) -> Manifest:
    """One for each kind of node, because a Pod cannot be told which kind its node is."""
    start = pool.spec.start_task
    initial = [_setup(rules, dedicated=dedicated, awaits=start is not None and start.wait_for_success)]
    if start is not None:
        initial.append(_start_task(pool, start))
    spec: dict[str, Any] = {
        "affinity": on_nodes(nodes),
        "tolerations": [t.to_wire() for t in pool.spec.tolerations],
        "imagePullSecrets": [s.to_wire() for s in pool.spec.image_pull_secrets],
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 5,
        "volumes": node_volumes(pool.uid, create=True),
        **in_groups(pool),
        "initContainers": initial,
        "containers": [_agent(rules)],
    }
    return daemon_set_of(
        name=names.pool_daemon_set(pool.name, dedicated=dedicated),
        namespace=pool.namespace,
        owner=owned_by("BatchPool", pool.name, pool.uid),
        pod_labels=labels(
            names.COMPONENT_POOL_NODE,
            **{names.LABEL_POOL: pool.name, names.LABEL_DEDICATED: str(dedicated).lower()},
        ),
        spec=spec,
    )


def daemon_set_of(
    *, name: str, namespace: str, owner: list[Manifest], pod_labels: dict[str, str], spec: Manifest
) -> Manifest:
    """A DaemonSet whose running Pods are never replaced by a change of its template."""
    manifest: Manifest = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": namespace, "labels": pod_labels, "ownerReferences": owner},
        "spec": {
            "selector": {"matchLabels": pod_labels},
            "updateStrategy": {"type": "OnDelete"},
            "template": {"metadata": {"labels": pod_labels}, "spec": spec},
        },
    }
    return with_hash(manifest, names.digest(orjson.dumps(manifest, option=orjson.OPT_SORT_KEYS).decode()))


def _ours(name: str, command: list[str], rules: Rules) -> Manifest:
    return {
        "name": name,
        "image": rules.image,
        "imagePullPolicy": rules.image_pull_policy,
        "command": command,
        "securityContext": as_caretaker(),
        "volumeMounts": NODE_MOUNTS,
        "resources": _SMALL,
        "env": environment({"AZ_BATCH_NODE_ROOT_DIR": names.ROOT_DIR}),
    }


def _setup(rules: Rules, *, dedicated: bool, awaits: bool) -> Manifest:
    setup = _ours(SETUP, [names.IMAGE_BUSYBOX, "sh", f"{names.IMAGE_NODE}/setup.sh"], rules)
    told = {"AZ_BATCH_NODE_IS_DEDICATED": str(dedicated).lower(), "BATCHYARD_AWAIT_START_TASK": str(awaits).lower()}
    return {**setup, "env": [*setup["env"], *environment(told)]}


def _agent(rules: Rules) -> Manifest:
    return _ours(AGENT, [f"{names.NODE_BIN}/busybox", "sh", f"{names.NODE_BIN}/sweep.sh"], rules)


def _start_task(pool: Pool, start: StartTask) -> Manifest:
    container = start.container_settings or pool.spec.container_settings
    directory = f"{names.ROOT_DIR}/startup"
    return {
        "name": START_TASK,
        "image": container.image_name if container else "",
        "imagePullPolicy": "IfNotPresent",
        "command": wrapped("start", start.command_line),
        "securityContext": run_as(admin=is_admin(start.user_identity, pool), own=own_ids(start.user_identity, pool)),
        "volumeMounts": NODE_MOUNTS,
        "env": [
            *env.of_user(start.environment_settings),
            *env.of_node(pool),
            *environment({"AZ_BATCH_TASK_DIR": directory, "AZ_BATCH_TASK_WORKING_DIR": f"{directory}/wd"}),
            *working_directory(container),
            from_pod_uid("BATCHYARD_KEY"),
            *environment({"BATCHYARD_ATTEMPT": "0", "BATCHYARD_MAX_RETRIES": str(start.max_task_retry_count)}),
        ],
    }
