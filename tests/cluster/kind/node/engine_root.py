"""The root file system in which Podman runs: Debian's packages, our configuration and kind's program."""

import shutil
from pathlib import Path

from tests.cluster.kind.node import debian

FILES = Path(__file__).parent / "files"
PACKAGES = ("podman", "conmon", "netavark", "aardvark-dns", "runc", "iptables", "iproute2", "mount")
CONFIGURATION = ("containers.conf", "storage.conf")
MOUNT_POINTS = ("mnt/state", "mnt/images", "mnt/machine", "var/lib/containers", "usr/lib/modules")


def make(root: Path, kind: Path) -> None:
    debian.make_root(root, PACKAGES)
    for name in MOUNT_POINTS:
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in CONFIGURATION:
        shutil.copyfile(FILES / name, root / "etc/containers" / name)
    shutil.copy(kind, root / "usr/local/bin/kind")
