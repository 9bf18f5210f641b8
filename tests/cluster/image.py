"""The operator's image from the Dockerfile, once per content of its inputs: by Docker where it runs, else by buildah."""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.cluster import buildah, cache
from tests.cluster.commands import run, succeeds

ROOT = Path(__file__).parents[2]
NAME = "docker.io/batchyard/batchyard:0.1.0"  # the chart's default image and appVersion; a test compares them
INPUTS = ("Dockerfile", ".dockerignore", "requirements.lock", "pyproject.toml")
CACHE_KIND = "operator-images"
KEPT_ARCHIVES = 3
PIP_SETTINGS = {"index-url", "extra-index-url", "proxy", "trusted-host", "timeout", "default-timeout"}


def archive() -> Path:
    """The docker archive of the image; built when the cache does not hold it."""
    directory = cache.made_once(CACHE_KIND, cache.key(_inputs()), _build)
    _forget_old(directory)
    return directory / "batchyard.tar"


def _inputs() -> Iterator[bytes]:
    yield from ((ROOT / name).read_bytes() for name in INPUTS)
    for path in sorted((ROOT / "operator").rglob("*")):
        if path.is_file() and not {"__pycache__", "cli"} & {*path.parts}:  # the command line is not in the image
            yield str(path.relative_to(ROOT)).encode()
            yield path.read_bytes()


def _build(draft: Path) -> None:
    print(f"building the image {NAME}", file=sys.stderr, flush=True)
    build = _with_docker if _docker_runs() else buildah.build
    secrets = draft / "secrets"
    secrets.mkdir(mode=0o700)
    try:
        build(ROOT, NAME, _write_secrets(secrets), draft / "batchyard.tar")
    finally:
        shutil.rmtree(secrets)


def _docker_runs() -> bool:
    return shutil.which("docker") is not None and succeeds("docker", "version")


def _with_docker(context: Path, name: str, secrets: list[str], output: Path) -> None:
    run("docker", "build", "--quiet", *secrets, "--tag", name, context)
    run("docker", "save", "--output", output, name)


def _write_secrets(directory: Path) -> list[str]:
    """This machine's way to the package index as build secrets, so that it gets into neither image nor repository."""
    settings = _pip_settings()
    lines = [f"{name} = {value}" for name, value in settings.items() if name in PIP_SETTINGS]
    sources = {"pip.conf": directory / "pip.conf"}
    if "cert" in settings:
        sources["ca.crt"] = Path(settings["cert"])
        lines.append("cert = /run/secrets/ca.crt")
    sources["pip.conf"].write_text("\n".join(["[global]", *lines, ""]))
    return [f"--secret=id={name},src={path}" for name, path in sources.items()]


def _pip_settings() -> dict[str, str]:
    """What pip's files and environment say here; the later lines of its list win, as in pip."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=False, capture_output=True, text=True
    )
    pairs = (line.partition("=") for line in listed.stdout.splitlines())
    return {name.rpartition(".")[2]: value.strip("'\"") for name, _, value in pairs}


def _forget_old(current: Path) -> None:
    """Every change of the source makes an archive; only the newest stay."""
    current.touch()
    archives = [path for path in current.parent.iterdir() if (path / "batchyard.tar").exists()]
    for old in sorted(archives, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT_ARCHIVES:]:
        shutil.rmtree(old, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, help="also copy the archive to this file")
    output = parser.parse_args().output
    built = archive()
    if output:
        shutil.copyfile(built, output)
    print(output or built)


if __name__ == "__main__":
    main()
