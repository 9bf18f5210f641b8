"""The chart, rendered by the real helm."""

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.cluster import programs

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts" / "batchyard"
NAMESPACE = "batchyard-system"
Document = dict[str, Any]


@cache
def _helm() -> Path:
    return programs.build() / "helm"


def helm(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([_helm(), *argv], check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)


@cache
def rendered(*values: str) -> list[Document]:
    """All objects of the chart, its values changed by `path=value`; not to be changed, since tests share them."""
    done = _template(*values)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def installed(*values: str) -> list[Document]:
    """The same without what `helm test` makes and takes away again."""
    return [each for each in rendered(*values) if "helm.sh/hook" not in each["metadata"].get("annotations", {})]


def refusal(*values: str) -> str:
    """Why helm does not take the values; empty if it does."""
    done = _template(*values)
    return done.stderr if done.returncode else ""


def _template(*values: str) -> subprocess.CompletedProcess[str]:
    changes = [word for value in values for word in ("--set", value)]
    return helm("template", "batchyard", CHART, "--namespace", NAMESPACE, "--kube-version", "1.32.0", *changes)


def of_kind(documents: list[Document], kind: str) -> list[Document]:
    return [document for document in documents if document["kind"] == kind]


def the(documents: list[Document], kind: str, name: str) -> Document:
    [found] = [document for document in of_kind(documents, kind) if document["metadata"]["name"] == name]
    return found


def container(documents: list[Document]) -> Document:
    [found] = the(documents, "Deployment", "batchyard")["spec"]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found
