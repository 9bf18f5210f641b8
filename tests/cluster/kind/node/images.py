"""Which images kubeadm and kind expect on a node, made here from our programs on busybox under the names they are asked by."""

from collections.abc import Iterator
from pathlib import Path

from tests.cluster.base_images import busybox_layer
from tests.cluster.commands import run
from tests.cluster.kind.node.archive import Image, Layer, write_images, write_layer
from tests.cluster.kind.node.kind_source import KindSource
from tests.cluster.kind.node.programs import Programs

FILES = Path(__file__).parent / "files"
NETWORK_TOOLS = ("usr/sbin/xtables-nft-multi", "usr/sbin/nft", "usr/sbin/conntrack", "usr/bin/ip")
IPTABLES = [f"{family}{action}" for family in ("iptables", "ip6tables") for action in ("", "-save", "-restore")]
PAUSE = ("/bin/sleep", "2147483647")


def write(archive: Path, programs: Programs, kind: KindSource, debian: Path) -> None:
    """Write the archive of all the images; network tools come from a Debian root."""
    write_images(archive, list(Images(archive.parent, programs, debian).all(kind)))


class Images:
    def __init__(self, work: Path, programs: Programs, debian: Path) -> None:
        self.work, self.programs, self.debian = work, programs, debian
        (work / "busybox.layer").write_bytes(busybox_layer())
        self.busybox = Layer.of(work / "busybox.layer")
        self.network = write_layer(
            work / "network.layer",
            self._network_files(),
            {f"usr/sbin/{name}": "xtables-nft-multi" for name in IPTABLES},
        )

    def all(self, kind: KindSource) -> Iterator[Image]:
        for name in run(
            self.programs["kubeadm"], "config", "images", "list", "--kubernetes-version", self.programs.version
        ).split():
            yield self._of_kubeadm(name)
        yield self._pause(kind.pause_image)
        kubectl = self._program("kubectl")
        script = write_layer(self.work / "kindnet.layer", {"usr/local/bin/kindnet-lite": FILES / "kindnet-lite"})
        yield Image(kind.network_image, (self.busybox, self.network, kubectl, script), ("/usr/local/bin/kindnet-lite",))
        yield Image(kind.storage_image, (self.busybox, self._program("local-path-provisioner")), ())
        yield Image(kind.storage_helper_image, (self.busybox,), ())

    def _of_kubeadm(self, name: str) -> Image:
        match name.rpartition("/")[2].partition(":")[0]:
            case "pause":
                return self._pause(name)
            case "kube-proxy":
                return Image(name, (self.busybox, self.network, self._program("kube-proxy")), ())
            case program:
                return Image(name, (self.busybox, self._program(program)), (f"/usr/local/bin/{program}",))

    def _pause(self, name: str) -> Image:
        return Image(name, (self.busybox,), PAUSE)

    def _program(self, name: str) -> Layer:
        return write_layer(self.work / f"{name}.layer", {f"usr/local/bin/{name}": self.programs[name]})

    def _network_files(self) -> dict[str, Path]:
        """The tools, before busybox' own of the same names on the PATH, their plugins and all libraries that they load."""
        plugins = [str(path.relative_to(self.debian)) for path in sorted(self.debian.glob("usr/lib/*/xtables/*.so"))]
        loading = [f"/{name}" for name in (*NETWORK_TOOLS, *plugins)]
        words = run("chroot", self.debian, "ldd", *loading).split()
        libraries = sorted({word.lstrip("/") for word in words if word.startswith("/lib")})
        tools = {f"usr/sbin/{Path(name).name}": self.debian / name for name in NETWORK_TOOLS}
        return tools | {name: self.debian / name for name in (*plugins, *libraries)}
