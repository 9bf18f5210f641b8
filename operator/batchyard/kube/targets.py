"""What a write is about: its object, and the job that hears of trouble with it. Writes nothing."""

from __future__ import annotations

from batchyard.api import names
from batchyard.core.actions import Action, Apply, Create, Delete, Emit, Patch

Target = tuple[str, str, str]
"""Kind, namespace and name of an object."""


def target_of(action: Action) -> Target:
    match action:
        case Create(kind=kind, manifest=manifest) | Apply(kind=kind, manifest=manifest):
            return kind, manifest["metadata"]["namespace"], manifest["metadata"]["name"]
        case Patch(ref=ref) | Delete(ref=ref) | Emit(about=ref):
            return ref.kind, ref.namespace, ref.name


def told(action: Action) -> str:
    kind, namespace, name = target_of(action)
    return f"{type(action).__name__} {kind} {namespace}/{name}"


def for_log(action: Action, pool: str) -> dict[str, str]:
    """What is yet to be made has no uid."""
    kind, namespace, name = target_of(action)
    said = {"kind": kind, "namespace": namespace, "object": name, "pool": pool}
    match action:
        case Patch(ref=ref) | Delete(ref=ref) | Emit(about=ref):
            said["uid"] = ref.uid
        case _:
            pass
    return said


def job_of(action: Action) -> str:
    """Name of the job that the write was for, as far as its object says; empty when it was for the pool."""
    match action:
        case Create(manifest=manifest) | Apply(manifest=manifest):
            return str((manifest["metadata"].get("labels") or {}).get(names.LABEL_JOB, ""))
        case Patch(ref=ref) | Delete(ref=ref) | Emit(about=ref):
            return ref.name if ref.kind == "BatchJob" else ""
