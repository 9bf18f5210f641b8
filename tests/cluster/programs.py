"""Building the programs of a Go module (its `tool` directives) once into the user's cache."""

import contextlib
import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.cluster import cache
from tests.cluster.commands import run, succeeds

KUBERNETES = Path(__file__).parent / "modules"
FLAGS = ("-trimpath", "-v")
ENVIRONMENT = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
RENAMED = {"server": "etcd"}  # etcd's main package is called "server"
REPORT_SECONDS = 10.0


def build(module: Path = KUBERNETES) -> Path:
    """The directory of all the programs of a module, its own ones too; built when the cache does not hold them."""
    pins = [(module / "go.mod").read_bytes(), (module / "go.sum").read_bytes()]
    own = [source.read_bytes() for source in sorted(module.rglob("*.go"))]
    parts = [*pins, repr((FLAGS, ENVIRONMENT)).encode(), *own]
    return cache.made_once("programs", cache.key(parts), lambda draft: _build(module, draft))


def _build(module: Path, out: Path) -> None:
    compiled(module, ("tool",), out, _link_flags(module))


def compiled(directory: Path, packages: Sequence[str], out: Path, link_flags: str) -> None:
    """Build the programs of a directory's packages, and say meanwhile how far that is."""
    total = len(run("go", "-C", directory, "list", *packages).split())
    print(f"building {total} programs from Go modules (up to 10 minutes the first time on 2 cores)", flush=True)
    log = out / "build.log"
    argv = ["go", "-C", str(directory), "build", *FLAGS, "-ldflags", link_flags, "-o", f"{out}/", *packages]
    with log.open("w") as sink:
        build = subprocess.Popen(argv, env={**os.environ, **ENVIRONMENT}, stdout=sink, stderr=sink)
    try:
        _report(build, out, total)
    finally:
        build.kill()
        build.wait()
    if build.returncode:
        raise SystemExit("go build failed:\n" + "\n".join(log.read_text().splitlines()[-20:]))
    log.unlink()
    for name, known_as in RENAMED.items():
        if (out / name).exists():
            (out / name).rename(out / known_as)


def _report(build: subprocess.Popen[bytes], out: Path, total: int) -> None:
    """Say every few seconds how far the build is, until it ends."""
    start = time.monotonic()
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            build.wait(REPORT_SECONDS)
        lines = (out / "build.log").read_text().splitlines()
        packages = sum(not line.startswith("go: ") for line in lines)
        linked = len(list(out.iterdir())) - 1
        minutes, seconds = divmod(int(time.monotonic() - start), 60)
        print(
            f"  {minutes}:{seconds:02d}  {packages} packages compiled, {linked} of {total} programs built", flush=True
        )
        if build.returncode is not None:
            return


def _link_flags(module: Path) -> str:
    """Strip symbols; stamp Kubernetes' version, without which its clients see v0.0.0."""
    query = ("go", "-C", module, "list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes")
    if not succeeds(*query):
        return "-s -w"
    version = run(*query).strip()
    major, minor, _ = version.removeprefix("v").split(".", 2)
    stamps = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    return "-s -w " + " ".join(f"-X k8s.io/component-base/version.{name}={value}" for name, value in stamps.items())
