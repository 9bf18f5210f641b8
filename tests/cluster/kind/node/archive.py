"""Container images put together from layers of plain files, written as a docker archive."""

import hashlib
import json
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tests.cluster.base_images import add

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Layer:
    path: Path
    digest: str

    @classmethod
    def of(cls, path: Path) -> "Layer":
        with path.open("rb") as file:
            return cls(path, hashlib.file_digest(file, "sha256").hexdigest())


@dataclass(frozen=True)
class Image:
    name: str
    layers: tuple[Layer, ...]
    command: tuple[str, ...]

    @property
    def config(self) -> bytes:
        return json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {"Env": [PATH], "Entrypoint": self.command},
                "created": "2020-01-01T00:00:00Z",
                "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer.digest}" for layer in self.layers]},
                "history": [{"created_by": "batchyard tests"} for _ in self.layers],
            }
        ).encode()

    @property
    def config_name(self) -> str:
        return hashlib.sha256(self.config).hexdigest() + ".json"


def write_layer(path: Path, files: Mapping[str, Path], links: Mapping[str, str] | None = None) -> Layer:
    """A layer of executable files and symbolic links, keyed by their names inside the image."""
    names = [PurePosixPath(name) for name in (*files, *(links or {}))]
    with tarfile.open(path, "w") as tar:
        for parent in sorted({str(parent) for name in names for parent in name.parents} - {"."}):
            add(tar, parent, kind=tarfile.DIRTYPE, mode=0o755)
        for name, source in files.items():
            tar.add(source.resolve(), name, filter=_owned_by_root)
        for name, target in (links or {}).items():
            add(tar, name, kind=tarfile.SYMTYPE, link=target)
    return Layer.of(path)


def write_images(path: Path, images: Iterable[Image]) -> None:
    """One docker archive of all the images; layers that several of them share are in it once."""
    chosen = list(images)
    layers = {layer.digest: layer for image in chosen for layer in image.layers}
    with tarfile.open(path, "w") as tar:
        for config_name, config in {image.config_name: image.config for image in chosen}.items():
            add(tar, config_name, config)
        for layer in layers.values():
            tar.add(layer.path, f"{layer.digest}.tar")
        add(tar, "manifest.json", json.dumps([_entry(image) for image in chosen]).encode())


def _entry(image: Image) -> dict[str, object]:
    layers = [f"{layer.digest}.tar" for layer in image.layers]
    return {"Config": image.config_name, "RepoTags": [image.name], "Layers": layers}


def _owned_by_root(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = info.mtime = 0
    info.uname = info.gname = ""
    info.mode = 0o755
    return info
