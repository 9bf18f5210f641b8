"""The chart, rendered by the real helm."""

import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.cluster import programs
from tests.gitops import judging

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts" / "batchyard"
NAMESPACE = "batchyard-system"
Document = dict[str, Any]


VERSIONS = {3: programs.KUBERNETES, 4: judging.MODULE}
"""Where each of Helm's versions that the chart is tried with comes from."""


@cache
def _helm(version: int) -> Path:
    return programs.build(VERSIONS[version]) / "helm"


def helm(*argv: str | Path, version: int = 3) -> subprocess.CompletedProcess[str]:
    command = [_helm(version), *argv]
    return subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)


@cache
def rendered(*values: str, version: int = 3) -> list[Document]:
    """All objects of the chart, its values changed by `path=value`; not to be changed, since tests share them."""
    done = _template(*values, version=version)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def installed(*values: str) -> list[Document]:
    """The same without what `helm test` makes and takes away again."""
    return [each for each in rendered(*values) if "helm.sh/hook" not in each["metadata"].get("annotations", {})]


def refusal(*values: str, version: int = 3) -> str:
    """Why helm does not take the values; empty if it does."""
    done = _template(*values, version=version)
    return done.stderr if done.returncode else ""


def _template(*values: str, version: int) -> subprocess.CompletedProcess[str]:
    where = ("--namespace", NAMESPACE, "--kube-version", "1.32.0")
    return helm("template", "batchyard", CHART, *where, *setting(values), version=version)


def setting(values: Iterable[str]) -> list[str]:
    """Values as words of a command."""
    return [word for value in values for word in ("--set", value)]


def of_kind(documents: list[Document], kind: str) -> list[Document]:
    return [document for document in documents if document["kind"] == kind]


def the(documents: list[Document], kind: str, name: str) -> Document:
    [found] = [document for document in of_kind(documents, kind) if document["metadata"]["name"] == name]
    return found


def container(documents: list[Document]) -> Document:
    [found] = the(documents, "Deployment", "batchyard")["spec"]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found
