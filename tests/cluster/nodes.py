"""The nodes: each a network, mount, PID and UTS namespace with its own disk, containerd, kubelet and kube-proxy."""

import json
import os
import shutil
import uuid
from pathlib import Path

from tests.cluster import base_images, cgroups, mount_points, network, node_files, pki, processes
from tests.cluster.commands import Argument, run, succeeds
from tests.cluster.layout import FIRST_NODE_INDEX, LAST_NODE_INDEX, Layout
from tests.cluster.waiting import wait_for

INIT = Path(__file__).with_name("node_init.sh")
NAMESPACES = ("--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private")
BOOT_SECONDS = 60.0


def create(layout: Layout, name: str) -> None:
    """Make a new node's disk, certificate and configuration."""
    node, index = layout.node(name), _free_index(layout)
    for path in mount_points.DIRECTORIES:
        (node / "disk" / path).mkdir(parents=True)
    for folder in ("cni", "stopped"):
        (node / folder).mkdir()
    (node / "index").write_text(str(index))
    (node / "containerd.toml").write_text(node_files.containerd(layout, name))
    (node / "cni" / "10-pods.conflist").write_text(json.dumps(node_files.pod_network(layout, index)))
    (node / "kubelet.json").write_text(json.dumps(node_files.kubelet(layout, name)))
    (node / "proxy.json").write_text(json.dumps(node_files.proxy(layout, name)))
    subject = f"/O=system:nodes/CN=system:node:{name}"
    pki.issue_user(layout, f"kubelet-{name}", subject, [f"IP:{layout.address(index)}", f"DNS:{name}"])


def boot(layout: Layout, name: str) -> None:
    """Power on: a new boot id, the network plugged in, the first process started."""
    if processes.find(layout, name):
        raise SystemExit(f"{name} is running already")
    node, index = layout.node(name), index_of(layout, name)
    (node / "boot_id").write_text(f"{uuid.uuid4()}\n")
    network.plug(layout, name, layout.address(index))
    network.route_pods(layout, index)
    cgroups.make(layout.name, name)
    mount_points.make()
    env = {
        "NAME": name,
        "NODE": str(node),
        "LOGS": str(layout.logs),
        "ADDRESS": layout.address(index),
        "KUBECONFIG": str(layout.kubeconfig(f"kubelet-{name}")),
        "IMAGES": str(base_images.build()),
        "PATH": f"{layout.programs}:{os.environ['PATH']}",
    }
    enter = ("nsenter", f"--net=/run/netns/{layout.netns(name)}", "unshare", *NAMESPACES)
    processes.start(layout, name, *enter, "bash", INIT, env=env)
    wait_for(f"mounts of {name}", lambda: is_mounted(layout, name), BOOT_SECONDS, interval=0.01)


def crash(layout: Layout, name: str) -> None:
    """Power off without a warning: every process dies at once, the disk stays."""
    (layout.node(name) / "boot_id").unlink(missing_ok=True)
    init = first_process(layout, name)
    outer = processes.find(layout, name)
    # the kernel ends the first process only after all others of its PID namespace
    processes.kill([pid for pid in (init, outer) if pid])
    network.unplug(layout, name, layout.address(index_of(layout, name)))
    cgroups.remove(layout.name, name)


def remove(layout: Layout, name: str) -> None:
    crash(layout, name)
    network.unroute_pods(layout, index_of(layout, name))
    shutil.rmtree(layout.node(name))


def names(layout: Layout) -> list[str]:
    return sorted(path.name for path in layout.nodes.glob("*"))


def index_of(layout: Layout, name: str) -> int:
    try:
        return int((layout.node(name) / "index").read_text())
    except FileNotFoundError:
        raise SystemExit(f"there is no node {name}, but {', '.join(names(layout))}") from None


def boot_id(layout: Layout, name: str) -> str | None:
    """What tells this boot of a node from the others; None while it is powered off."""
    file = layout.node(name) / "boot_id"
    return file.read_text().strip() if file.exists() else None


def first_process(layout: Layout, name: str) -> int | None:
    outer = processes.find(layout, name)
    return next(iter(processes.children(outer)), None) if outer else None


def inside(layout: Layout, name: str) -> list[str]:
    """The words before a command that is to run inside a node."""
    init = first_process(layout, name)
    if init is None:
        raise SystemExit(f"{name} is not running")
    return ["nsenter", "--target", str(init), "--mount", "--net", "--pid", "--uts", "--"]


def root(layout: Layout, name: str) -> Path:
    """The running node's file system, seen from the host."""
    return Path(f"/proc/{first_process(layout, name) or 0}/root")


def is_mounted(layout: Layout, name: str) -> bool:
    return (root(layout, name) / "run/daemons").exists()


def load(layout: Layout, name: str, archive: Path) -> None:
    ctr = (layout.programs / "ctr", "-n", "k8s.io", "images", "import", archive.resolve())
    run(*inside(layout, name), *ctr)


def stop_daemon(layout: Layout, name: str, daemon: str) -> None:
    """Kill containerd, kubelet or proxy and keep it down; containers live on."""
    (layout.node(name) / "stopped" / daemon).touch()
    pid_file = root(layout, name) / "run/daemons" / daemon
    succeeds(*inside(layout, name), "sh", "-c", f"kill -9 $(cat /run/daemons/{daemon})")
    wait_for(f"end of {daemon} on {name}", lambda: not pid_file.exists(), BOOT_SECONDS)


def start_daemon(layout: Layout, name: str, daemon: str) -> None:
    (layout.node(name) / "stopped" / daemon).unlink(missing_ok=True)


def _free_index(layout: Layout) -> int:
    used = {index_of(layout, name) for name in names(layout)}
    return next(index for index in range(FIRST_NODE_INDEX, LAST_NODE_INDEX) if index not in used)


def command(layout: Layout, name: str, *argv: Argument) -> str:
    """Run a command inside a node."""
    return run(*inside(layout, name), *argv)
