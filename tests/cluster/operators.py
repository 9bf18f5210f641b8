"""The operator's replicas: their Pods, their processes on this machine, and which of them leads."""

import os
import signal
from pathlib import Path
from typing import Any

from tests.cluster.cluster import Cluster
from tests.cluster.installation import NAMESPACE, RELEASE

Object = dict[str, Any]
SELECTOR = "app.kubernetes.io/name=batchyard,!app.kubernetes.io/component"


def pods(cluster: Cluster) -> dict[str, Object]:
    """Those that are to stay, by name."""
    found = cluster.get_all("pod", NAMESPACE, SELECTOR)
    return {pod["metadata"]["name"]: pod for pod in found if "deletionTimestamp" not in pod["metadata"]}


def scale(cluster: Cluster, replicas: int) -> dict[str, Object]:
    """Waits until so many run, whether they lead or not."""
    cluster.kubectl("scale", "deployment", RELEASE, "-n", NAMESPACE, f"--replicas={replicas}")

    def running() -> dict[str, Object]:
        found = pods(cluster)
        all_run = len(found) == replicas and all(_runs(pod) for pod in found.values())
        there = cluster.get_all("pod", NAMESPACE, SELECTOR)
        return found if all_run and len(there) == replicas else {}

    return cluster.wait(f"{replicas} operators running", running)


def _runs(pod: Object) -> bool:
    """And its Pod says under which address."""
    return bool(processes(pod) and pod["status"].get("podIP"))


def leader(cluster: Cluster) -> str:
    """Name of the Pod that holds the lease; empty when it is free."""
    lease = cluster.get("lease", RELEASE, NAMESPACE) or {}
    return str(lease.get("spec", {}).get("holderIdentity") or "")


def node(cluster: Cluster) -> str:
    """Where the only operator runs."""
    (pod,) = pods(cluster).values()
    return str(pod["spec"]["nodeName"])


def kill(cluster: Cluster) -> None:
    """SIGKILL to the only operator as soon as it runs; the kubelet starts its container again."""
    (pod,) = pods(cluster).values()
    cluster.wait("the operator running", lambda: processes(pod))
    send(pod, signal.SIGKILL)


def send(pod: Object, number: signal.Signals) -> None:
    for pid in processes(pod):
        os.kill(pid, number)


def processes(pod: Object) -> list[int]:
    """By the names of their cgroups."""
    uid, found = pod["metadata"]["uid"], []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                ours = uid in (entry / "cgroup").read_text()
                if ours and b"-m\0batchyard" in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found
