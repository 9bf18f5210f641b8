"""One whole cluster: up, down, its nodes and faults, and a view on its objects."""

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self, TypeVar

from tests.cluster import (
    audit,
    base_images,
    cgroups,
    claims,
    control_plane,
    evidence,
    mount_points,
    network,
    nodes,
    packages,
    pki,
    processes,
    programs,
)
from tests.cluster.commands import CommandError, run
from tests.cluster.layout import CONTROL_PLANE, Layout
from tests.cluster.waiting import wait_for

T = TypeVar("T")
PACKAGES = (
    "runc",
    "containernetworking-plugins",
    "busybox-static",
    "iproute2",
    "iptables",
    "nftables",
    "conntrack",
    "openssl",
    "kmod",
    "util-linux",
)
READY_SECONDS = 120.0


class Cluster:
    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    @classmethod
    def up(cls, state: Path, node_count: int = 2, number: int | None = None) -> Self:
        """A cluster with all its nodes Ready; what an earlier one left in the state directory goes first."""
        bin_directory = cls.build()
        cls.down(state)
        cluster = cls(Layout(claims.take(state, number), state, bin_directory))
        cluster._start([f"node{count}" for count in range(1, node_count + 1)])
        return cluster

    @staticmethod
    def build() -> Path:
        """Everything that is made once: packages, programs (their directory is returned) and the first images."""
        if os.geteuid() != 0:
            raise SystemExit("the namespaces cluster needs root")
        packages.need(*PACKAGES)
        base_images.build()
        return programs.build()

    @classmethod
    def at(cls, state: Path) -> Self:
        """The cluster that is up in a state directory."""
        number = claims.find(state)
        if number is None:
            raise SystemExit(f"no cluster is up in {state}")
        return cls(Layout(number, state, programs.build()))

    @staticmethod
    def down(state: Path) -> None:
        """End everything of the cluster in a state directory, also when there is none or only a part of one."""
        number = claims.find(state)
        if number is not None:
            layout = Layout(number, state, Path())
            wait_for(f"end of {layout.name}", lambda: _killed(layout), READY_SECONDS)
            network.remove(layout)
            cgroups.remove(layout.name)
            claims.release(number)
            if claims.none_taken():
                mount_points.remove()
        shutil.rmtree(state, ignore_errors=True)

    def _start(self, names: Iterable[str]) -> None:
        start = time.monotonic()
        layout = self.layout
        pki.make(layout)
        network.make(layout)
        for name in names:
            nodes.create(layout, name)
            nodes.boot(layout, name)
        control_plane.start(layout)
        self.wait_api()
        print(f"{time.monotonic() - start:5.1f} s  API server ready", flush=True)
        binding = ("kube-proxy", "--clusterrole=system:node-proxier", "--user=system:kube-proxy")
        self.kubectl("create", "clusterrolebinding", *binding)
        self.wait_ready()
        self.wait("default service account", lambda: self.get("serviceaccount", "default"), READY_SECONDS)
        print(f"{time.monotonic() - start:5.1f} s  {', '.join(self.nodes)} Ready", flush=True)

    # objects

    @property
    def kubeconfig(self) -> Path:
        return self.layout.kubeconfig("admin")

    def kubectl(self, *argv: str, stdin: str | None = None) -> str:
        return run(self.layout.programs / "kubectl", "--kubeconfig", self.kubeconfig, *argv, stdin=stdin)

    def apply(self, manifest: str | Path) -> None:
        """Apply the manifests of a file, a directory or a text."""
        if isinstance(manifest, Path):
            self.kubectl("apply", "-f", str(manifest))
        else:
            self.kubectl("apply", "-f", "-", stdin=manifest)

    def get(self, kind: str, name: str, namespace: str = "default") -> dict[str, Any] | None:
        text = self.kubectl("get", kind, name, "-n", namespace, "-o", "json", "--ignore-not-found")
        found: dict[str, Any] | None = json.loads(text) if text else None
        return found

    def get_all(self, kind: str, namespace: str = "default", selector: str = "") -> list[dict[str, Any]]:
        listed = json.loads(self.kubectl("get", kind, "-n", namespace, "-l", selector, "-o", "json"))
        items: list[dict[str, Any]] = listed["items"]
        return items

    def wait(self, what: str, condition: Callable[[], T], deadline_seconds: float = READY_SECONDS) -> T:
        """The first truthy value of the condition; a failure shows what the daemons said last."""
        return evidence.wait_for(self.layout, what, condition, deadline_seconds)

    def wait_api(self) -> None:
        self.wait("API server ready", lambda: self._try("get", "--raw", "/readyz"), READY_SECONDS)

    def wait_ready(self, *names: str) -> None:
        """Wait until nodes (all when none is named) are Ready in their present boot."""
        wanted = set(names or self.nodes)
        self.wait(f"{', '.join(sorted(wanted))} Ready", lambda: wanted <= self.ready_nodes(), READY_SECONDS)

    def ready_nodes(self) -> set[str]:
        text = self._try("get", "nodes", "-o", "json")
        found = json.loads(text)["items"] if text else []
        return {node["metadata"]["name"] for node in found if is_ready(node) and self._is_of_this_boot(node)}

    def _is_of_this_boot(self, node: dict[str, Any]) -> bool:
        """For a while after a power loss the Node object still shows what was."""
        return bool(node["status"]["nodeInfo"]["bootID"] == nodes.boot_id(self.layout, node["metadata"]["name"]))

    def _try(self, *argv: str) -> str:
        try:
            return self.kubectl(*argv)
        except CommandError:
            return ""

    def audit_position(self) -> int:
        return self.layout.audit_log.stat().st_size

    def requests(self, since: int = 0) -> Counter[audit.Request]:
        """Requests that the API server answered after a position of its audit log."""
        return audit.requests(self.layout.audit_log, since)

    # nodes and faults

    @property
    def nodes(self) -> list[str]:
        return nodes.names(self.layout)

    def node_root(self, node: str) -> Path:
        """The node's /var/lib/batchyard, also while it is powered off."""
        return self.layout.node(node) / "disk/var/lib/batchyard"

    def node_run(self, node: str) -> Path:
        """The running node's /run/batchyard; another path after each boot."""
        return nodes.root(self.layout, node) / "run/batchyard"

    def add_node(self, node: str) -> None:
        nodes.create(self.layout, node)
        nodes.boot(self.layout, node)

    def remove_node(self, node: str) -> None:
        """The machine goes for good, and its Node object as a cloud's controller would delete it."""
        nodes.remove(self.layout, node)
        self.kubectl("delete", "node", node, "--ignore-not-found")

    def crash(self, node: str) -> None:
        nodes.crash(self.layout, node)

    def boot(self, node: str) -> None:
        nodes.boot(self.layout, node)

    def cut(self, member: str) -> None:
        """Cut a node (or "control-plane") off the network; its processes go on."""
        network.set_port(self.layout, self._address(member), "down")

    def heal(self, member: str) -> None:
        network.set_port(self.layout, self._address(member), "up")

    def reset_connections(self, address: str) -> int:
        """End every connection of an address with the API server; how many there were. Nothing keeps it from making new ones."""
        return len(network.reset(self.layout, CONTROL_PLANE, address))

    def stop(self, daemon: str) -> None:
        """Kill and keep down: `etcd`, `apiserver`, `controller-manager`, `scheduler`, or `NODE/kubelet`, `NODE/containerd`, `NODE/proxy`."""
        node, _, name = daemon.rpartition("/")
        if node:
            nodes.stop_daemon(self.layout, node, name)
        else:
            processes.stop(self.layout, name)

    def start(self, daemon: str) -> None:
        node, _, name = daemon.rpartition("/")
        if node:
            nodes.start_daemon(self.layout, node, name)
        else:
            control_plane.start_program(self.layout, name)

    def repair(self) -> None:
        """Start what a test left stopped in the control plane."""
        control_plane.start_missing(self.layout)
        self.wait_api()

    def load(self, archive: str | Path) -> None:
        """Import the images of an OCI or docker archive into every node."""
        for node in self.nodes:
            nodes.load(self.layout, node, Path(archive))

    def _address(self, member: str) -> str:
        if member == CONTROL_PLANE:
            return self.layout.api_address
        return self.layout.address(nodes.index_of(self.layout, member))


def is_ready(node: dict[str, Any]) -> bool:
    conditions = node["status"].get("conditions", [])
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def _killed(layout: Layout) -> bool:
    """Whether nothing runs any more; a process may have been starting another while it was killed."""
    pids = network.processes(layout)
    processes.kill(pids)
    return not pids
