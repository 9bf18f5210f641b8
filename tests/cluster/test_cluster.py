"""The cluster itself: its nodes run Pods, fail and come back as real machines do."""

from pathlib import Path
from typing import Any

import pytest

from tests.cluster import nodes
from tests.cluster.cluster import Cluster, is_ready
from tests.cluster.commands import succeeds

POD = """
apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  nodeName: {node}
  terminationGracePeriodSeconds: 0
  initContainers:
    - name: first
      image: docker.io/library/busybox:1.37
      command: [sh, -c, "echo boot | tee -a /disk/boots >> /volatile/boots"]
      volumeMounts: &mounts
        - {{name: disk, mountPath: /disk}}
        - {{name: volatile, mountPath: /volatile}}
  containers:
    - name: main
      image: docker.io/library/busybox:1.37
      command: [sh, -c, "echo hello from $(cat /disk/boots); sleep 1000"]
      volumeMounts: *mounts
  volumes:
    - name: disk
      hostPath: {{path: /var/lib/batchyard/{name}, type: DirectoryOrCreate}}
    - name: volatile
      hostPath: {{path: /run/batchyard/{name}, type: DirectoryOrCreate}}
"""


def run_pod(cluster: Cluster, name: str, node: str) -> None:
    cluster.apply(POD.format(name=name, node=node))
    cluster.wait(f"log of Pod {name}", lambda: "hello" in log(cluster, name))


def log(cluster: Cluster, name: str) -> str:
    pod = cluster.get("pod", name) or {}
    running = any(status.get("started") for status in pod.get("status", {}).get("containerStatuses", []))
    return cluster.kubectl("logs", name) if running else ""


def delete_pod(cluster: Cluster, name: str) -> None:
    cluster.kubectl("delete", "pod", name, "--now")


def node_object(cluster: Cluster, name: str) -> dict[str, Any]:
    found = cluster.get("node", name)
    assert found is not None
    return found


def reaches(cluster: Cluster, node: str, address: str) -> bool:
    inside = nodes.inside(cluster.layout, node)
    return succeeds(*inside, "busybox", "ping", "-c", "1", "-W", "1", address)


def address(cluster: Cluster, node: str) -> str:
    return cluster.layout.address(nodes.index_of(cluster.layout, node))


def lines(path: Path) -> int:
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_nodes_are_ready_and_labelled(cluster: Cluster) -> None:
    assert cluster.nodes == ["node1", "node2"]
    for name in cluster.nodes:
        node = node_object(cluster, name)
        assert is_ready(node)
        assert node["metadata"]["labels"]["batch"] == "true"


@pytest.mark.parametrize("node", ["node1", "node2"])
def test_pod_runs_and_its_log_is_readable(cluster: Cluster, node: str) -> None:
    run_pod(cluster, f"hello-{node}", node)
    assert log(cluster, f"hello-{node}") == "hello from boot\n"
    assert lines(cluster.node_root(node) / f"hello-{node}/boots") == 1
    assert cluster.kubectl("exec", f"hello-{node}", "--", "echo", "in the container") == "in the container\n"
    delete_pod(cluster, f"hello-{node}")


def test_pod_reaches_a_pod_on_another_node_and_the_api_server(cluster: Cluster) -> None:
    for node in cluster.nodes:
        run_pod(cluster, f"net-{node}", node)
    pod = cluster.get("pod", "net-node2")
    assert pod is not None
    cluster.kubectl("exec", "net-node1", "--", "ping", "-c", "1", "-W", "5", pod["status"]["podIP"])
    service = cluster.layout.api_service_address
    cluster.kubectl("exec", "net-node1", "--", "sh", "-c", f"nc -w 5 {service} 443 < /dev/null")
    for node in cluster.nodes:
        delete_pod(cluster, f"net-{node}")


def test_crashed_node_boots_with_its_disk_an_empty_run_and_init_containers_again(cluster: Cluster) -> None:
    run_pod(cluster, "crashed", "node2")
    before = node_object(cluster, "node2")["status"]["nodeInfo"]["bootID"]

    cluster.crash("node2")
    assert cluster.ready_nodes() == {"node1"}
    assert lines(cluster.node_root("node2") / "crashed/boots") == 1
    cluster.boot("node2")

    cluster.wait("second run of the init container", lambda: lines(cluster.node_root("node2") / "crashed/boots") == 2)
    assert lines(cluster.node_run("node2") / "crashed/boots") == 1
    cluster.wait_ready("node2")
    assert node_object(cluster, "node2")["status"]["nodeInfo"]["bootID"] != before
    delete_pod(cluster, "crashed")


def test_cut_node_reaches_nobody_until_it_is_healed(cluster: Cluster) -> None:
    assert reaches(cluster, "node2", cluster.layout.api_address)
    cluster.cut("node2")
    assert not reaches(cluster, "node2", cluster.layout.api_address)
    assert not reaches(cluster, "node1", address(cluster, "node2"))
    cluster.heal("node2")
    cluster.wait("node2 on the network", lambda: reaches(cluster, "node2", cluster.layout.api_address))
    cluster.wait_ready("node2")


def test_node_is_added_and_removed(cluster: Cluster) -> None:
    cluster.add_node("node3")
    cluster.wait_ready("node3")
    run_pod(cluster, "added", "node3")
    cluster.remove_node("node3")
    assert cluster.nodes == ["node1", "node2"]
    assert cluster.get("node", "node3") is None
    cluster.kubectl("delete", "pod", "added", "--force", "--ignore-not-found")


def test_pod_lives_on_while_kubelet_and_containerd_are_stopped(cluster: Cluster) -> None:
    run_pod(cluster, "survivor", "node1")
    for daemon in ("node1/kubelet", "node1/containerd"):
        cluster.stop(daemon)
    for daemon in ("node1/containerd", "node1/kubelet"):
        cluster.start(daemon)
    cluster.wait("log through the new kubelet", lambda: succeeds_in(cluster, "survivor"))
    assert lines(cluster.node_root("node1") / "survivor/boots") == 1
    delete_pod(cluster, "survivor")


def succeeds_in(cluster: Cluster, pod: str) -> bool:
    return succeeds(cluster.layout.programs / "kubectl", "--kubeconfig", cluster.kubeconfig, "exec", pod, "--", "true")


def test_api_server_comes_back_with_its_objects(cluster: Cluster) -> None:
    cluster.kubectl("create", "configmap", "kept")
    try:
        for daemon in ("apiserver", "etcd"):
            cluster.stop(daemon)
    finally:
        cluster.repair()
    assert cluster.get("configmap", "kept") is not None
    cluster.kubectl("delete", "configmap", "kept")
    cluster.wait_ready()
