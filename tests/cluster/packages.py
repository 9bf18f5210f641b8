"""Debian packages that the tests need: installed when root, named otherwise."""

import os
import shutil
import subprocess
from collections.abc import Iterable

from tests.cluster import cache
from tests.cluster.commands import run
from tests.cluster.locked import locked


def need(*names: str) -> None:
    """Return with all the packages installed, or end the program naming the missing ones."""
    missing = [name for name in names if not _installed(name)]
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise SystemExit(f"missing packages, install them first: apt-get install {' '.join(missing)}")
    install(missing)


def install(names: Iterable[str]) -> None:
    wanted = list(names)
    print(f"installing Debian packages: {' '.join(wanted)}", flush=True)
    apt = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120")
    with locked(cache.root() / "packages.lock"):  # apt-get update does not wait for another
        run(*apt, "update")
        run(*apt, "install", "-y", "--no-install-recommends", *wanted)


def _installed(name: str) -> bool:
    if shutil.which("dpkg-query") is None:
        return False
    query = ("dpkg-query", "--show", "--showformat=${db:Status-Status}", name)
    return subprocess.run(query, check=False, capture_output=True, text=True).stdout == "installed"
