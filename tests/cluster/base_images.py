"""The images that every node has from the start, made by hand from Debian's static busybox: no engine, no registry."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

from tests.cluster import cache
from tests.cluster.commands import run

BUSYBOX = Path("/bin/busybox")
PAUSE = "batchyard.test/pause:1"
IMAGES = {
    PAUSE: {"Entrypoint": ["/bin/sleep", "2147483647"], "Env": ["PATH=/bin"]},
    "docker.io/library/busybox:1.37": {"Cmd": ["sh"], "Env": ["PATH=/bin:/usr/bin"]},
}
DIRECTORIES = {"bin": 0o755, "etc": 0o755, "root": 0o700, "home": 0o755, "tmp": 0o1777, "usr": 0o755, "var": 0o755}
FILES = {
    "etc/passwd": b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n",
    "etc/group": b"root:x:0:\nnogroup:x:65534:\n",
}


def build() -> Path:
    """The docker archive of all the images, made when the cache does not hold it."""
    content = cache.key([BUSYBOX.read_bytes(), Path(__file__).read_bytes()])
    return cache.made_once("images", content, lambda draft: write(draft / "base.tar")) / "base.tar"


def write(path: Path) -> None:
    layer = busybox_layer()
    name = hashlib.sha256(layer).hexdigest()
    configs = {image: config_blob(config, name) for image, config in IMAGES.items()}
    manifest = [
        {"Config": config_name(blob), "RepoTags": [image], "Layers": [f"{name}.tar"]} for image, blob in configs.items()
    ]
    with tarfile.open(path, "w") as tar:
        for blob in configs.values():
            add(tar, config_name(blob), blob)
        add(tar, f"{name}.tar", layer)
        add(tar, "manifest.json", json.dumps(manifest).encode())


def busybox_layer() -> bytes:
    """A root file system with every applet of busybox linked."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, mode in DIRECTORIES.items():
            add(tar, name, kind=tarfile.DIRTYPE, mode=mode)
        add(tar, "usr/bin", kind=tarfile.SYMTYPE, link="../bin")
        add(tar, "bin/busybox", BUSYBOX.read_bytes(), mode=0o755)
        for applet in run(BUSYBOX, "--list").split():
            if applet != "busybox":
                add(tar, f"bin/{applet}", kind=tarfile.SYMTYPE, link="busybox")
        for name, data in FILES.items():
            add(tar, name, data)
    return buffer.getvalue()


def config_blob(config: dict[str, list[str]], layer: str) -> bytes:
    return json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": config,
            "created": "2020-01-01T00:00:00Z",
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer}"]},
            "history": [{"created_by": "batchyard tests"}],
        }
    ).encode()


def config_name(blob: bytes) -> str:
    return hashlib.sha256(blob).hexdigest() + ".json"


def add(
    tar: tarfile.TarFile,
    name: str,
    data: bytes = b"",
    *,
    kind: bytes = tarfile.REGTYPE,
    mode: int = 0o644,
    link: str = "",
) -> None:
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.size, info.linkname = kind, mode, len(data), link
    tar.addfile(info, io.BytesIO(data))
