"""The steps a plan can ask for, as values. Each is one write; none says how it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ref:
    """One object as we last saw it; `uid` and `resource_version` are the preconditions of every write to it."""

    kind: str
    namespace: str
    name: str
    uid: str
    resource_version: str


@dataclass(frozen=True, slots=True)
class Absence:
    """What must hold in the API server itself, not only in our view: no Pod of this job that may still run on the node.

    `components` are the kinds of Pods meant (label `app.kubernetes.io/component`); an empty `node` means any node.
    """

    namespace: str
    job_uid: str
    node: str
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Create:
    """Create under a deterministic name. An object of that name counts as ours only if its controller has `owner_uid`."""

    kind: str
    manifest: Manifest
    owner_uid: str
    unless: Absence | None = None


@dataclass(frozen=True, slots=True)
class Apply:
    """Server-side apply of the whole object (DaemonSets only)."""

    kind: str
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Patch:
    """Merge patch, refused by the API server if the object is no longer the one in `ref`."""

    ref: Ref
    body: Manifest
    subresource: str = ""
    lazy: bool = False
    """Only numbers changed: may wait until the object's last write is 2 s old."""


@dataclass(frozen=True, slots=True)
class Delete:
    ref: Ref
    grace_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Emit:
    """A Kubernetes Event about an object, for people."""

    about: Ref
    type: str
    reason: str
    message: str


Action = Create | Apply | Patch | Delete | Emit


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do now, in any order and at the same time, and when to look again at the latest (epoch seconds)."""

    actions: tuple[Action, ...] = ()
    wake_at: float | None = None


def patch_status(ref: Ref, status: Manifest, *, lazy: bool = False) -> Patch:
    return Patch(ref, {"metadata": _precondition(ref), "status": status}, "status", lazy)


def patch_finalizers(ref: Ref, finalizers: list[str]) -> Patch:
    return Patch(ref, {"metadata": {**_precondition(ref), "finalizers": finalizers}})


def _precondition(ref: Ref) -> Manifest:
    return {"uid": ref.uid, "resourceVersion": ref.resource_version}
