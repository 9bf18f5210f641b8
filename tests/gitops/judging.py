"""What Helm 4, Flux and Argo CD make of an object: their own library and Lua machine, built from the Go module beside this file."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.cluster import programs
from tests.cluster.commands import run

MODULE = Path(__file__).parent / "modules"
EXAMPLE = Path(__file__).parents[2] / "examples/gitops"
PREFIX = "resource.customizations.health."


@dataclass(frozen=True)
class Verdict:
    """`kstatus` is what Helm 4 and Flux wait for, `argo` what Argo CD shows."""

    kstatus: str
    argo: str
    message: str
    """What Helm 4 and Flux print when they give up."""
    shown: str
    """What Argo CD says beside its word."""

    @property
    def words(self) -> tuple[str, str]:
        return self.kstatus, self.argo


def scripts() -> dict[str, str]:
    """Argo CD's health checks as the example ships them, by group and kind."""
    config = yaml.safe_load((EXAMPLE / "argocd/argocd-cm.yaml").read_text())
    return {key.removeprefix(PREFIX): script for key, script in config["data"].items() if key.startswith(PREFIX)}


def judge(objects: Iterable[Mapping[str, Any]]) -> list[Verdict]:
    (script,) = set(scripts().values())
    lines = "".join(json.dumps(each) + "\n" for each in objects)
    said = run(programs.build(MODULE) / "health", script, stdin=lines)
    return [_verdict(json.loads(line)) for line in said.splitlines()]


def _verdict(said: Mapping[str, Mapping[str, str]]) -> Verdict:
    kstatus, argo = said["kstatus"], said["argo"]
    return Verdict(kstatus["status"], argo["status"], kstatus["message"], argo["message"])
