"""Prometheus and promtool, built once into the user's cache, without the discovery of clouds, which is most of their code."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.cluster import cache, programs
from tests.cluster.commands import run

MODULE = Path(__file__).parent / "module"
NAME = "github.com/prometheus/prometheus"
PACKAGES = ("./cmd/prometheus", "./cmd/promtool")


def build() -> Path:
    """The directory of both programs."""
    parts = [(MODULE / file).read_bytes() for file in ("go.mod", "go.sum")] + [
        repr((programs.FLAGS, PACKAGES)).encode()
    ]
    return cache.made_once("programs", cache.key(parts), _build)


def _build(draft: Path) -> None:
    found = json.loads(run("go", "-C", MODULE, "mod", "download", "-json", NAME))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "prometheus"
        shutil.copytree(found["Dir"], source, copy_function=shutil.copyfile)
        for directory in (source, *source.rglob("*/")):
            directory.chmod(0o755)
        (source / "plugins/plugins.go").unlink()  # imports the discovery of every cloud there is
        programs.compiled(source, PACKAGES, draft, "-s -w")


def promtool(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([build() / "promtool", *argv], check=False, capture_output=True, text=True)


if __name__ == "__main__":
    build()
