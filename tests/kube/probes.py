"""A kind of our own on a real API server, so that the tests of this folder are in nobody's way."""

from __future__ import annotations

import json
from typing import Any

from batchyard.kube.kinds import Kind

GROUP = "kube.test.batchyard.io"
NAMESPACE = "kube-test"
PROBE = Kind(GROUP, "v1", "probes", "Probe")
CONFIG_MAP = Kind("", "v1", "configmaps", "ConfigMap")

_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "spec": {"type": "object", "properties": {"size": {"type": "integer", "maximum": 10}}},
        "status": {"type": "object", "properties": {"state": {"type": "string"}}},
    },
}
DEFINITION = json.dumps(
    {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"probes.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"plural": "probes", "singular": "probe", "kind": "Probe"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": _SCHEMA},
                    "subresources": {"status": {}},
                    "selectableFields": [{"jsonPath": ".status.state"}],
                }
            ],
        },
    }
)


def probe(name: str, size: int = 1, **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": PROBE.api_version,
        "kind": PROBE.kind,
        "metadata": {"name": name, **metadata},
        "spec": {"size": size},
    }
