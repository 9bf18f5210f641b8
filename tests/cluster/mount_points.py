"""Directories of this machine on which nodes mount their disks: made where missing, removed with the machine's last cluster."""

import contextlib
from pathlib import Path

MADE = Path("/run/batchyard-mount-points")
DIRECTORIES = (
    *(f"var/lib/{name}" for name in ("batchyard", "containerd", "kubelet", "cni")),
    *(f"var/log/{name}" for name in ("pods", "containers")),
)


def make(top: Path = Path("/"), made: Path = MADE) -> None:
    for path in [top / name for name in DIRECTORIES]:
        if not path.exists():
            path.mkdir(parents=True)
            with made.open("a") as lines:
                lines.write(f"{path}\n")


def remove(made: Path = MADE) -> None:
    """Only what we made, and only while it is empty."""
    for path in made.read_text().splitlines() if made.exists() else ():
        with contextlib.suppress(OSError):
            Path(path).rmdir()
    made.unlink(missing_ok=True)
