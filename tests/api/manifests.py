"""Manifests of our kinds, as small as they may be; a test adds what it is about."""

import json
from typing import Any

Manifest = dict[str, Any]


def manifest(kind: str, name: str, spec: Manifest) -> Manifest:
    return {"apiVersion": "batchyard.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def pool(name: str = "sample", **spec: Any) -> Manifest:
    return manifest("BatchPool", name, {"targetDedicatedNodes": 1} | spec)


def node(**spec: Any) -> Manifest:
    return manifest("BatchNode", "sample.node1", {"poolId": "sample", "nodeId": "node1"} | spec)


def job(name: str = "demo", **spec: Any) -> Manifest:
    return manifest("BatchJob", name, {"poolInfo": {"poolId": "sample"}} | spec)


def task(name: str = "task001", **spec: Any) -> Manifest:
    return manifest("BatchTask", name, {"jobId": "demo", "commandLine": "true"} | spec)


def job_node(**spec: Any) -> Manifest:
    identity = {"jobId": "demo", "jobUID": "1", "poolId": "sample", "poolUID": "2", "nodeId": "node1", "nodeUID": "3"}
    return manifest("BatchJobNode", "demo.node1", identity | {"directory": "workitems/demo"} | spec)


def step(**members: Any) -> Manifest:
    """A preparation or release task."""
    return {"commandLine": "true"} | members


def inline(*ids: str, **members: Any) -> list[Manifest]:
    """Tasks inside a job."""
    return [{"id": each, "commandLine": "true"} | members for each in ids]


def as_text(document: Manifest) -> str:
    return json.dumps(document)
