"""What a release is made of. All but the image's archive is the same for the same commit; what vouches for it is in signing.py."""

import json
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

from tests.chart import sbom
from tests.cluster import image as image_archive
from tests.cluster import programs
from tests.cluster.commands import run
from tests.gitops.judging import MODULE

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
NAME = "{name}-{version}".format_map(PROJECT["project"])
Part = Callable[[Path, int], object]
"""Writes into a directory; the files within its files bear the moment, in seconds since 1970."""


def moment(root: Path = ROOT) -> int:
    """When the commit was made that is released. What is in no commit could not be made again."""
    if changed := run("git", "-C", root, "status", "--porcelain"):
        raise SystemExit(f"a release is made of a commit, and these are in none:\n{changed.rstrip()}")
    return int(run("git", "-C", root, "log", "-1", "--format=%ct"))


def helm() -> Path:
    """Helm 4: unlike Helm 3 it keeps the times of a chart's files, so that its package can be made again."""
    return programs.build(MODULE) / "helm"


def chart(out: Path, when: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        copy = shutil.copytree(ROOT / "charts/batchyard", Path(scratch) / "batchyard")  # its link to crds/ followed
        for path in copy.rglob("*"):
            os.utime(path, (when, when))
        run(helm(), "package", copy, "--destination", out)


def packages(out: Path, when: int) -> None:
    """The command line as a wheel, and the sources."""
    build = (sys.executable, "-m", "hatchling", "build", "--directory", out)
    run("env", f"--chdir={ROOT}", f"SOURCE_DATE_EPOCH={when}", *build)


def bill(out: Path, _: int) -> None:
    (out / f"{NAME}.cdx.json").write_text(json.dumps(sbom.bill(), indent=2) + "\n")


def image(out: Path, _: int) -> None:
    shutil.copyfile(image_archive.archive(), out / f"{NAME}-image.tar")


PARTS: tuple[Part, ...] = (chart, packages, bill, image)
