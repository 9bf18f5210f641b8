"""Objects that somebody might send to get what is not theirs. Manifests only."""

from typing import Any

Object = dict[str, Any]
GROUP, FINALIZER = "batchyard.io", "batchyard.io/cleanup"
VICTIM = "00000000-0000-4000-8000-000000000001"
"""UID of somebody else's pool."""
MANAGED_BY = {"app.kubernetes.io/managed-by": "batchyard"}
WITHOUT_FINALIZERS: Object = {"metadata": {"finalizers": None}}


def ours(kind: str, name: str, spec: Object, **metadata: Any) -> Object:
    return {"apiVersion": f"{GROUP}/v1alpha1", "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}


def job(pool: str = "pool") -> Object:
    return ours("BatchJob", "attack", {"poolInfo": {"poolId": pool}, "tasks": [{"id": "one", "commandLine": "true"}]})


def task() -> Object:
    return ours("BatchTask", "attack", {"jobId": "job", "commandLine": "true"})


def pool(**spec: Any) -> Object:
    return ours("BatchPool", "attack", {"targetDedicatedNodes": 1, **spec})


def record() -> Object:
    """Would have the directory of another pool wiped."""
    spec = {"jobId": "gone", "jobUID": "gone", "poolId": "pool", "poolUID": VICTIM, "nodeId": "node1", "nodeUID": "n"}
    return ours("BatchJobNode", "gone.node1", {**spec, "directory": "workitems/theirs"})


def member() -> Object:
    return ours("BatchNode", "pool.other", {"poolId": "pool", "nodeId": "other"})


def restricted_container(**more: Any) -> Object:
    context = {
        "allowPrivilegeEscalation": False,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    return {"name": "main", "image": "busybox", "securityContext": {**context, **more.pop("context", {})}, **more}


def pod(*, container: Object | None = None, metadata: Object | None = None, **spec: Any) -> Object:
    """Meets Pod Security's restricted standard but for what is given."""
    containers = [container or restricted_container()]
    meta = {"name": "attack", **(metadata or {})}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": containers, **spec}}


def stranger() -> Object:
    """A Pod that has nothing to do with us and waits for ever."""
    return pod(metadata={"name": "stranger"}, nodeSelector={"no": "such"})


def daemon_set(*, metadata: Object | None = None, labels: dict[str, str] | None = None, **spec: Any) -> Object:
    labels = {"app": "attack", **(labels or {})}
    template = {"metadata": {"labels": labels}, "spec": pod(**spec)["spec"]}
    meta = {"name": "attack", **(metadata or {})}
    whole = {"selector": {"matchLabels": {"app": "attack"}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": meta, "spec": whole}


def mounting(path: str) -> Object:
    """Part of a Pod's spec."""
    return {"volumes": [{"name": "host", "hostPath": {"path": path}}]}


def persistent_volume(source: Object) -> Object:
    spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "x", **source}
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "attack"}, "spec": spec}


def local_volume(path: str) -> Object:
    """Part of a volume's spec."""
    term = {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "Exists"}]}
    return {"local": {"path": path}, "nodeAffinity": {"required": {"nodeSelectorTerms": [term]}}}


def owned(name: str, uid: str, kind: str = "BatchTask") -> list[Object]:
    return [{"apiVersion": f"{GROUP}/v1alpha1", "kind": kind, "name": name, "uid": uid, "controller": True}]


def by_the_operator(*, container: Object | None = None, **spec: Any) -> Object:
    """A Pod of the shape that the operator makes but for what is given."""
    return pod(container=container, metadata={"labels": MANAGED_BY}, **{"automountServiceAccountToken": False, **spec})
