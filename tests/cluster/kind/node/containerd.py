"""Importing image archives into the image store of a node's root, with a containerd that lives only for that."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.commands import run, succeeds
from tests.cluster.kind.node.programs import Programs
from tests.cluster.waiting import wait_for

CONFIG = """
version = 3
root = "{root}/var/lib/containerd"
state = "{work}/state"
disabled_plugins = [
  "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime",
  "io.containerd.internal.v1.opt", "io.containerd.nri.v1.nri",
]
[grpc]
address = "{work}/socket"
[ttrpc]
address = "{work}/socket.ttrpc"
"""
START_SECONDS = 30.0


def import_images(root: Path, programs: Programs, *archives: Path) -> None:
    """Images stay packed; each node unpacks those that it runs, as with kind's own node images."""
    with _containerd(root, programs) as socket:
        for archive in archives:
            run(
                *(programs["ctr"], "--address", socket, "--namespace=k8s.io", "images", "import"),
                *("--all-platforms", "--no-unpack", "--digests", "--label=io.cri-containerd.pinned=pinned", archive),
            )


@contextmanager
def _containerd(root: Path, programs: Programs) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="containerd-") as name:
        work = Path(name)
        (work / "config.toml").write_text(CONFIG.format(root=root, work=work))
        with (work / "log").open("w") as log:
            process = subprocess.Popen(
                [programs["containerd"], "--config", work / "config.toml"], stdout=log, stderr=log
            )
        try:
            version = (programs["ctr"], "--address", work / "socket", "version")
            wait_for("containerd", lambda: succeeds(*version), START_SECONDS)
            yield work / "socket"
        finally:
            process.terminate()
            process.wait()
