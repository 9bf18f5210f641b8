"""Image builds without a container engine or a registry: buildah in a private storage, on a base of Debian packages."""

import functools
import sys
import tempfile
from pathlib import Path

from tests.cluster import cache
from tests.cluster.commands import Argument, run, succeeds
from tests.cluster.locked import locked
from tests.cluster.packages import need

# Stands in for python:3.11-slim: the same Python, the same Debian. usr-is-merged keeps usrmerge's whole Perl out.
BASE_COMMAND = (
    "mmdebstrap",
    "--quiet",
    "--variant=essential",
    "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
    "--include=usr-is-merged,python3,python3-venv,ca-certificates,busybox-static",
    *(f"--dpkgopt=path-exclude=/usr/share/{unread}/*" for unread in ("doc", "info", "locale", "man")),
    '--customize-hook=rm "$1/etc/hostname" "$1/etc/resolv.conf"',  # copies of this machine's
    "bookworm",
)
BASE = f"localhost/python-base:{cache.key(word.encode() for word in BASE_COMMAND)}"


def build(context: Path, name: str, secrets: list[str], output: Path) -> None:
    """Write the image of the Dockerfile in `context` as a docker archive."""
    need("buildah", "mmdebstrap", "ca-certificates")
    storage = cache.root() / "buildah"
    with locked(storage / "lock"):
        _ensure_base(storage)
        options = ("--quiet", "--layers", "--isolation=chroot", f"--build-arg=BASE={BASE}", f"--tag={name}")
        _buildah(storage, "bud", *options, *secrets, context)
        _buildah(storage, "push", "--quiet", name, f"docker-archive:{output}:{name}")


def _ensure_base(storage: Path) -> None:
    if succeeds(*_command(storage), "inspect", "--type=image", BASE):
        return
    print("making the base image from Debian packages", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=storage) as scratch:
        root = Path(scratch) / "root.tar"
        run(*BASE_COMMAND, root)
        container = _buildah(storage, "from", "scratch").strip()
        _buildah(storage, "add", "--quiet", container, root, "/")
        _buildah(storage, "commit", "--quiet", "--rm", container, BASE)


def _buildah(storage: Path, *arguments: Argument) -> str:
    return run(*_command(storage), *arguments)


@functools.cache
def _command(storage: Path) -> tuple[Argument, ...]:
    """Overlay is ten times faster than copying every layer, but does not work on top of another overlay."""
    for driver in ("overlay", "vfs"):
        root = storage / driver
        command = ("buildah", "--storage-driver", driver, "--root", root, "--runroot", root / "run")
        if driver == "vfs" or succeeds(*command, "info"):
            return command
    raise AssertionError("vfs works everywhere")
