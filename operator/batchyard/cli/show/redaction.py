"""What of an object may leave the cluster in a bug report: our kinds without commands and values of variables, of Pods the status alone."""

from __future__ import annotations

from typing import Any

from batchyard.api.names import GROUP
from batchyard.cli.show.objects import Object, at

GONE = "REDACTED"
_COMMANDS = ("commandLine", "containerRunOptions")
_OF_PODS = ("name", "namespace", "uid", "labels", "ownerReferences", "finalizers", "creationTimestamp", "deletionTimestamp")  # fmt: skip


def object_(found: Object, *, with_commands: bool) -> Object:
    """Annotations of others go in any case: one of kubectl's repeats the whole object."""
    kept = found if with_commands else _without_commands(found)
    meta = {name: value for name, value in kept["metadata"].items() if name not in ("managedFields", "annotations")}
    ours = {name: value for name, value in at(kept, "metadata.annotations", {}).items() if name.startswith(f"{GROUP}/")}
    return {**kept, "metadata": {**meta, **({"annotations": ours} if ours else {})}}


def pod(found: Object) -> Object:
    """Its specification has commands, variables and names of secrets in it; where it runs is all that is told of that."""
    meta = {name: found["metadata"][name] for name in _OF_PODS if name in found["metadata"]}
    where = {"nodeName": at(found, "spec.nodeName")}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": where, "status": at(found, "status", {})}


def _without_commands(found: Any) -> Any:
    if isinstance(found, list):
        return [_without_commands(each) for each in found]
    if not isinstance(found, dict):
        return found
    return {name: _member(name, value) for name, value in found.items()}


def _member(name: str, value: Any) -> Any:
    if name in _COMMANDS:
        return GONE
    if name.lower().endswith("environmentsettings") and isinstance(value, list):
        return [{**each, "value": GONE} for each in value]
    return _without_commands(value)
