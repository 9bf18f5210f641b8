"""Making what kind needs where there is no Docker, once into the user's cache: the engine's root and the node image."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cluster import base_images, cache, programs
from tests.cluster.kind.node import debian, engine_root, images, rootfs
from tests.cluster.kind.node.containerd import import_images
from tests.cluster.kind.node.kind_source import KindSource
from tests.cluster.kind.node.programs import MODULES, Programs
from tests.cluster.kind.podman import Podman
from tests.cluster.packages import need

HERE = Path(__file__).parent
IMAGE = "localhost/batchyard-kind-node:local"
PACKAGES = (
    *("systemd", "dbus", "conntrack", "iptables", "nftables", "iproute2", "ethtool", "util-linux", "mount", "kmod"),
    *("libseccomp2", "pigz", "e2fsprogs", "bash", "ca-certificates", "curl", "jq", "procps", "runc"),
)
IMPORT = (
    *("podman", "import", "--quiet", "--change", 'ENTRYPOINT ["/usr/local/bin/entrypoint","/sbin/init"]'),
    *("--change", "ENV container=docker", "--change", "STOPSIGNAL SIGRTMIN+3", "-", IMAGE),
)


@dataclass(frozen=True)
class Built:
    """What the cache holds: the root file system of engines and a store with the node image."""

    cached: Path

    @property
    def engine(self) -> Path:
        return self.cached / "engine"

    @property
    def images(self) -> Path:
        return self.cached / "images"


def build() -> Built:
    """The engine and the node image, made when the cache does not hold them (about 4 minutes, then 10 for the programs)."""
    return Built(cache.made_once("kind", cache.key(_inputs()), _make))


def _inputs() -> list[bytes]:
    """Everything that decides what is made, except Debian's state of the day."""
    modules = [programs.KUBERNETES, *sorted(MODULES.iterdir())]
    sums = [module / name for module in modules for name in ("go.mod", "go.sum")]
    sources = sorted(path for path in (*HERE.glob("*.py"), *HERE.glob("files/*")))
    return [path.read_bytes() for path in (*sums, *sources, Path(base_images.__file__))]


def _make(draft: Path) -> None:
    need("mmdebstrap", "busybox-static")
    built, work = Built(draft), draft / "work"
    root = work / "node"
    root.mkdir(parents=True)
    tools, kind = Programs(), KindSource()
    with _step("the engine: Debian with podman"):
        engine_root.make(built.engine, tools["kind"])
    with _step("the node: Debian with systemd, Kubernetes and containerd"):
        debian.make_root(root, PACKAGES)
        rootfs.dress(root, tools, kind)
    with _step("the images that kubeadm and kind expect on a node"):
        images.write(work / "images.tar", tools, kind, root)
        import_images(root, tools, work / "images.tar", base_images.build())
    with _step("the node image"):
        _import_node_image(built, root, work / "state")
    shutil.rmtree(work)


def _import_node_image(built: Built, root: Path, state: Path) -> None:
    """Let the engine take the node's root as an image, and keep its store."""
    no_images = state.with_name("no-images")
    no_images.mkdir()
    engine = Podman(state)
    engine.start(built.engine, no_images)
    try:
        with subprocess.Popen(["tar", "-C", root, "-cf", "-", "."], stdout=subprocess.PIPE) as tar:
            subprocess.run(engine.inside(*IMPORT), stdin=tar.stdout, stdout=subprocess.DEVNULL, check=True)
    finally:
        engine.stop()
    (state / "containers/storage").rename(built.images)


@contextmanager
def _step(what: str) -> Iterator[None]:
    print(f"kind: making {what} ...", flush=True)
    start = time.monotonic()
    yield
    print(f"kind: made in {time.monotonic() - start:.0f} s", flush=True)
