"""What the image is made of, as a CycloneDX bill of materials; `python -m tests.chart.sbom` (`make sbom`) prints it from the lock and the Dockerfile."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_PIN = re.compile(r"^([\w.-]+)==([^\s;\\]+)[^\n]*\n((?:[ \t]+--hash=sha256:[0-9a-f]{64}[^\n]*\n)+)", re.MULTILINE)
_BASE = re.compile(r"^ARG BASE=docker\.io/library/([^:\s]+):(\S+)$", re.MULTILINE)

Part = dict[str, Any]


def bill() -> Part:
    """The same for the same lock: without a time and a serial number."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    own = {"name": project["name"], "version": project["version"], "bom-ref": "batchyard", "type": "application"}
    parts = [*libraries((ROOT / "requirements.lock").read_text()), *system((ROOT / "Dockerfile").read_text())]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {**own, "licenses": [{"license": {"id": project["license"]}}]}},
        "components": parts,
        "dependencies": [{"ref": "batchyard", "dependsOn": [part["bom-ref"] for part in parts]}],
    }


def libraries(lock: str) -> list[Part]:
    """Each with the hash of every file that pip may take for it."""
    return [_library(name, version, hashes) for name, version, hashes in _PIN.findall(lock)]


def _library(name: str, version: str, hashes: str) -> Part:
    url = f"pkg:pypi/{name}@{version}"
    files = [
        {"type": "distribution", "url": f"https://pypi.org/project/{name}/{version}/#files", "hashes": [_sha256(each)]}
        for each in re.findall(r"sha256:([0-9a-f]{64})", hashes)
    ]
    return {
        "type": "library",
        "bom-ref": url,
        "name": name,
        "version": version,
        "purl": url,
        "externalReferences": files,
    }


def _sha256(content: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": content}


def system(dockerfile: str) -> list[Part]:
    """The base, and what is installed on it without a pinned version; the built image itself says which that was."""
    [(name, version)] = _BASE.findall(dockerfile)
    base = f"pkg:docker/{name}@{version}"
    busybox = "pkg:deb/debian/busybox-static"
    return [
        {"type": "container", "bom-ref": base, "name": name, "version": version, "purl": base},
        {"type": "application", "bom-ref": busybox, "name": "busybox-static", "purl": busybox},
    ]


if __name__ == "__main__":
    print(json.dumps(bill(), indent=2))
