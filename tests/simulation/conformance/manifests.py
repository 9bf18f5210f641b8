"""Contents of built-in kinds for the sequences, and odd metadata for all kinds."""

from __future__ import annotations

from random import Random
from typing import Any

from batchyard.core.pods import parts
from batchyard.kube import kinds
from batchyard.kube.kinds import Kind
from tests.simulation.api.call import Body

FINALIZERS = ("batchyard.io/hold", "batchyard.io/more")
FINALIZER_LISTS: tuple[Any, ...] = (
    [FINALIZERS[0]],
    [FINALIZERS[1]],
    [*FINALIZERS],
    [],
    None,
    ["kubernetes"],
    ["foregroundDeletion"],
    ["not qualified"],
    ["unqualified"],
)
OWNERS: list[Body] = [
    {"apiVersion": "batchyard.io/v1alpha1", "kind": "BatchJob", "name": "a", "uid": "u1", "controller": True},
    {"apiVersion": "v1", "kind": "Pod", "name": "b", "uid": "u2"},
]
ODD_METADATA: tuple[Body, ...] = (
    {"name": "Not A Name"},
    {"name": ""},
    {"name": "z" * 254},
    {"namespace": "elsewhere"},
    {"labels": {"not a key": "x"}},
    {"labels": {"a": "not a value!"}},
    {"labels": {"a": 1}},
    {"labels": "text"},
    {"annotations": {"not a key": "x"}},
    {"generation": 99},
    {"creationTimestamp": "2001-01-01T00:00:00Z"},
    {"deletionTimestamp": "2001-01-01T00:00:00Z", "deletionGracePeriodSeconds": 3},
    {"ownerReferences": [{**OWNERS[0], "uid": ""}]},
    {"ownerReferences": [OWNERS[0], {**OWNERS[0], "uid": "u3"}]},
)
PHASES = ("Pending", "Running", "Succeeded", "Failed")


def content(chance: Random, kind: Kind, namespace: str, wrong: float) -> Body:
    if kind is kinds.POD:
        return {"spec": _pod_spec(chance, wrong, chance.choice(["Never", "Always"]))}
    if kind is kinds.DAEMON_SET:
        return {"spec": _daemon_set_spec(chance, wrong)}
    if kind is kinds.LEASE:
        return {"spec": _lease_spec(chance, wrong)}
    return {
        "involvedObject": {"kind": "BatchJob", "namespace": namespace, "name": "a"},
        "reason": chance.choice(["Started", "Ended"]),
        "type": "Normal",
    }


def status(chance: Random, kind: Kind) -> Body:
    if kind is kinds.POD:
        ready = {
            "type": "Ready",
            "status": chance.choice(["True", "False"]),
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }
        return {"phase": chance.choice(PHASES), "conditions": [ready], "message": chance.choice([None, "a", "b"])}
    return {"numberReady": chance.randint(0, 2), "observedGeneration": chance.randint(1, 3)}


def node(chance: Random) -> Body:
    return {"spec": {"taints": taints(chance)}, "status": node_status(chance)}


def node_status(chance: Random) -> Body:
    ready = {"type": "Ready", "status": chance.choice(["True", "False", "Unknown"]), "reason": "Told"}
    return {"conditions": [ready], "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}]}


def taints(chance: Random) -> list[Body]:
    return chance.choice([[], [{"key": "batch", "value": "x", "effect": "NoSchedule"}]])


def _pod_spec(chance: Random, wrong: float, policy: str) -> Body:
    spec: Body = {
        "restartPolicy": policy,
        "containers": [_container(chance, "task")],
        "automountServiceAccountToken": False,
        "affinity": parts.on_nodes(chance.sample(["node1", "node2"], chance.randint(0, 2))),
        "volumes": parts.node_volumes("pool-uid", create=chance.random() < 0.5),
    }
    if chance.random() < 0.3:
        spec["initContainers"] = [_container(chance, "setup")]
    if chance.random() < 0.3:
        spec["tolerations"] = parts.tolerate_everything()
    if chance.random() < 0.3:
        spec["terminationGracePeriodSeconds"] = chance.choice([0, 5, 60])
    if chance.random() < 10 * wrong:
        spec |= chance.choice(
            [
                {"restartPolicy": "Sometimes"},
                {"containers": []},
                {"containers": [{"name": "task"}]},
                {"containers": [{"name": "Not A Name", "image": "a"}]},
                {"containers": [_container(chance, "task"), _container(chance, "task")]},
                {"containers": [{"image": "a"}]},
            ]
        )
    return spec


def _container(chance: Random, name: str) -> Body:
    made: Body = {
        "name": name,
        "image": chance.choice(["docker.io/library/busybox:1.37", "busybox", "busybox:latest", "localhost:5000/a"]),
        "command": parts.wrapped("task", chance.choice(["true", "echo '$(HOME)'"])),
        "env": [*parts.environment({"A": chance.choice(["", "1"])}), parts.from_pod_uid("UID")],
        "securityContext": parts.run_as(admin=chance.random() < 0.3),
        "volumeMounts": parts.NODE_MOUNTS,
    }
    if chance.random() < 0.4:
        amounts = {"cpu": "1", "memory": "1Gi"}
        made["resources"] = chance.choice([{"limits": amounts}, {"requests": amounts}, {"limits": {"cpu": "2"}}])
    return made


def _daemon_set_spec(chance: Random, wrong: float) -> Body:
    labels = {"app": "a"}
    spec: Body = {
        "selector": {"matchLabels": labels},
        "updateStrategy": {"type": chance.choice(["OnDelete", "RollingUpdate"])},
        "template": {
            "metadata": {"labels": {**labels, **chance.choice([{}, {"more": "1"}])}},
            "spec": _pod_spec(chance, wrong, "Always"),
        },
    }
    if chance.random() < 10 * wrong:
        spec |= chance.choice(
            [{"selector": None}, {"selector": {}}, {"selector": {"matchLabels": {"app": "b"}}}, {"template": {}}]
        )
    return spec


def _lease_spec(chance: Random, wrong: float) -> Body:
    return {
        "holderIdentity": chance.choice(["me", "you", ""]),
        "leaseDurationSeconds": 0 if chance.random() < 10 * wrong else chance.choice([15, 20]),
        "renewTime": chance.choice(["2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:02.000000Z", None]),
        "leaseTransitions": chance.randint(0, 2),
    }
