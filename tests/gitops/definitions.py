"""The definitions of Flux's and Argo CD's kinds, out of the Go modules in which they are published."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import yaml

FLUX = "github.com/controlplaneio-fluxcd/flux-operator@v0.59.0"
ARGO = "github.com/argoproj/argo-cd/v3@v3.4.13"
FILES = {
    FLUX: tuple(f"config/data/flux/v2.9.5/{each}-controller.yaml" for each in ("source", "kustomize", "helm")),
    ARGO: ("manifests/crds/application-crd.yaml",),
}
SUMS = {
    FLUX: "h1:jByuiWYtjSJxucGHuz68tV0DeVFz5CYrKQYfxAwE7lE=",
    ARGO: "h1:kmnF4nE5SQ83OhtdX6DMmLSpH0eRIa1gNYdCLNHqB+A=",
}


def definitions() -> list[dict[str, Any]]:
    found = (each for module in FILES for text in _texts(module) for each in yaml.safe_load_all(text))
    return [each for each in found if each["kind"] == "CustomResourceDefinition"]


def _texts(module: str) -> list[str]:
    with ZipFile(_download(module)) as content:
        return [content.read(f"{module}/{file}").decode() for file in FILES[module]]


def _download(module: str) -> Path:
    """Go downloads and checks a module, and only then complains when its code needs a later Go; we need none of its code."""
    argv, environment = ("go", "mod", "download", "-json", module), {**os.environ, "GOTOOLCHAIN": "local"}
    answer = json.loads(subprocess.run(argv, env=environment, cwd="/", stdout=subprocess.PIPE, check=False).stdout)
    assert answer.get("Sum") == SUMS[module], answer
    return Path(answer["Zip"])
