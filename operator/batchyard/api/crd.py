"""The kinds as CustomResourceDefinitions, as YAML text; `python -m batchyard.api.crd [DIR]` writes crds/*.yaml."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from .columns import COLUMNS, SELECTABLE, Column
from .meta import Resource
from .names import GROUP, VERSION
from .pool import Pool
from .schema import structural

KINDS: tuple[type[Resource], ...] = tuple(COLUMNS)
HEADER = "# Written by `make crds` from operator/batchyard/api; change the models, not this file.\n"
DIRECTORY = Path(__file__).parents[3] / "crds"

# `kubectl scale` and autoscalers set the pool's target like a Deployment's replicas.
_SCALE = {"specReplicasPath": ".spec.targetDedicatedNodes", "statusReplicasPath": ".status.currentDedicatedNodes"}


def document(kind: type[Resource]) -> dict[str, Any]:
    name = kind.model_fields["kind"].default
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": name,
                "listKind": f"{name}List",
                "plural": kind.plural,
                "singular": name.lower(),
                "shortNames": [kind.short_name],
                "categories": ["batchyard"],
            },
            "versions": [_version(kind)],
        },
    }


def _version(kind: type[Resource]) -> dict[str, Any]:
    return {
        "name": VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}} | ({"scale": _SCALE} if kind is Pool else {}),
        "additionalPrinterColumns": [_column(each) for each in COLUMNS[kind]],
        "selectableFields": [{"jsonPath": path} for path in SELECTABLE[kind]],
        "schema": {"openAPIV3Schema": structural(kind)},
    }


def _column(column: Column) -> dict[str, Any]:
    return {"name": column.name, "type": column.type, "jsonPath": column.path} | (
        {"priority": 1} if column.wide else {}
    )


def text(kind: type[Resource]) -> str:
    return HEADER + yaml.safe_dump(document(kind), sort_keys=False, width=120, allow_unicode=True)


def write(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        (directory / f"{kind.plural}.yaml").write_text(text(kind), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else DIRECTORY)
