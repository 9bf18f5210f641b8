"""What vouches for the files of a release: their sums, and signatures by gpg, which keeps the key to itself."""

import hashlib
from pathlib import Path

import yaml

from tests.cluster.commands import run
from tests.cluster.packages import need
from tests.release.parts import helm

SUMS = "SHA256SUMS"


def write_sums(directory: Path) -> Path:
    """Of every file there, as `sha256sum` writes them."""
    lines = [f"{_sum(path)}  {path.name}\n" for path in sorted(directory.iterdir())]
    sums = directory / SUMS
    sums.write_text("".join(lines))
    return sums


def write_provenance(package: Path, key: str) -> None:
    """What `helm package --sign` writes. Helm itself would want the secret key in a file."""
    metadata = run(helm(), "show", "chart", package)
    files = yaml.safe_dump({"files": {package.name: f"sha256:{_sum(package)}"}})
    package.with_name(f"{package.name}.prov").write_text(_gpg(key, "--clear-sign", stdin=f"{metadata}\n...\n{files}"))


def write_signature(sums: Path, key: str) -> None:
    signature = _gpg(key, "--armor", "--detach-sign", stdin=sums.read_text())
    sums.with_name(f"{sums.name}.asc").write_text(signature)


def _gpg(key: str, *how: str, stdin: str) -> str:
    need("gpg", "gpg-agent")
    return run("gpg", "--batch", "--local-user", key, *how, stdin=stdin)


def _sum(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
