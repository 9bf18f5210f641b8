"""Debian root file systems, made with mmdebstrap."""

import platform
from pathlib import Path

from tests.cluster.commands import run

SUITE = "bookworm"
UNWANTED = ("man", "doc", "locale", "info")
SOURCES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources")


def make_root(root: Path, packages: tuple[str, ...]) -> None:
    """Fill a directory with a minimal Debian and some packages."""
    excludes = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in UNWANTED]
    options = ["--quiet", "--variant=minbase", "--mode=root", *excludes, f"--include={','.join(packages)}"]
    run("mmdebstrap", *options, SUITE, root, *_sources())


def _sources() -> list[str]:
    """The package sources of this machine where they fit, so that its mirror is used; else Debian's own."""
    if platform.freedesktop_os_release().get("VERSION_CODENAME") != SUITE:
        return []
    return [path for path in SOURCES if Path(path).exists()]
