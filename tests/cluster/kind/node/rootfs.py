"""A Debian root dressed as a kind node: what kind's images/base/Dockerfile and pkg/build/nodeimage do to it."""

import json
import shutil
from pathlib import Path

from tests.cluster.commands import run
from tests.cluster.kind.node.kind_source import KindSource
from tests.cluster.kind.node.programs import Programs

PROGRAMS = {
    "usr/local/bin": ("containerd", "containerd-shim-runc-v2", "ctr"),
    "usr/bin": ("kubeadm", "kubelet", "kubectl"),
    "opt/cni/bin": ("host-local", "loopback", "ptp", "portmap"),
}
EXECUTABLE = ("kind", "usr")
SERVICES = ("kubelet.service", "containerd.service", "undo-mount-hacks.service")
# Services of a machine that a container must not start.
UNWANTED = (
    "usr/lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service",
    "usr/lib/systemd/system/multi-user.target.wants/*",
    "usr/lib/systemd/system/local-fs.target.wants/*",
    "usr/lib/systemd/system/sockets.target.wants/*udev*",
    "usr/lib/systemd/system/sockets.target.wants/*initctl*",
    "usr/lib/systemd/system/basic.target.wants/*",
    "etc/systemd/system/*.wants/*",
)


def dress(root: Path, programs: Programs, kind: KindSource) -> None:
    _copy_base_files(kind.base_files, root)
    _choose_services(root)
    for directory, names in PROGRAMS.items():
        for name in names:
            _install(programs[name], root / directory / name)
    _configure(root, programs)
    (root / "etc/kubernetes/manifests").mkdir(parents=True)
    (root / "usr/lib/modules").mkdir(exist_ok=True)
    _write(root / "kind/version", programs.version)
    _write(root / "kind/manifests/default-cni.yaml", kind.network_manifest)
    _write(root / "kind/manifests/default-storage.yaml", kind.storage_manifest)


def _copy_base_files(source: Path, root: Path) -> None:
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source)
        if path.is_file() and name.parts[0] in ("etc", *EXECUTABLE):
            _install(path, root / name, 0o755 if name.parts[0] in EXECUTABLE else 0o644)


def _choose_services(root: Path) -> None:
    for pattern in UNWANTED:
        for path in root.glob(pattern):
            path.unlink()
    (root / "etc/systemd/system/containerd-fuse-overlayfs.service").unlink()
    (root / "usr/sbin/init").unlink(missing_ok=True)
    (root / "usr/sbin/init").symlink_to("/usr/lib/systemd/systemd")
    run("chroot", root, "systemctl", "enable", *SERVICES)
    # it would register things in binfmt_misc, which belongs to the whole kernel
    run("chroot", root, "systemctl", "mask", "systemd-binfmt.service")


def _configure(root: Path, programs: Programs) -> None:
    _append(root / "etc/systemd/journald.conf", "ReadKMsg=no\n")
    spec = json.loads(run(programs["ctr"], "oci", "spec"))
    spec.setdefault("hooks", {}).setdefault("createContainer", []).append({"path": "/kind/bin/mount-product-files.sh"})
    spec["process"].pop("rlimits", None)
    _write(root / "etc/containerd/cri-base.json", json.dumps(spec))
    # where CAP_SYS_RESOURCE is missing, oom scores below 0 are refused
    config = root / "etc/containerd/config.toml"
    config.write_text(config.read_text().replace("restrict_oom_score_adj = false", "restrict_oom_score_adj = true"))
    # machines with cgroup v1 still exist
    kubelet = root / "etc/default/kubelet"
    kubelet.write_text(f"{kubelet.read_text().strip()} --fail-cgroupv1=false\n")


def _install(source: Path, target: Path, mode: int = 0o755) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def _append(target: Path, text: str) -> None:
    with target.open("a") as file:
        file.write(text)
