"""A copy of the operator's package with a bug in it, as long as somebody looks at it. The package itself is never touched."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


class DoesNotApply(Exception):  # noqa: N818  reads as what happened
    """The code has changed: the patch has to be made anew."""


@contextmanager
def operator_with(patch: Path | None) -> Iterator[Path]:
    """The directory to import `batchyard` from; unchanged without a patch."""
    with tempfile.TemporaryDirectory(prefix="batchyard-mutant-") as folder:
        copy = Path(folder)
        copy.chmod(0o755)  # scripts of the node are run by other users
        shutil.copytree(ROOT / "operator", copy / "operator")
        if patch is not None:
            _apply(patch, copy)
        yield copy / "operator"


def check(patch: Path) -> None:
    """Whether it applies, without a copy."""
    _git_apply(patch, ROOT, "--check")


def _apply(patch: Path, copy: Path) -> None:
    _git_apply(patch, copy)
    for path in copy.rglob("__pycache__"):  # no code of before may be taken for that of after
        shutil.rmtree(path)


def _git_apply(patch: Path, where: Path, *options: str) -> None:
    env = {"PATH": "/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": str(where.parent)}
    command = ["git", "apply", "--verbose", *options, str(patch)]
    done = subprocess.run(command, cwd=where, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DoesNotApply(f"{patch.name} does not apply: {done.stderr.strip().splitlines()[-1]}")
