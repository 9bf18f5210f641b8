"""The steps a plan can ask for, as values. Each is one write; none says how it is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from batchyard.api.meta import Resource
from batchyard.api.names import FINALIZER
from batchyard.core.happenings import Happening

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
    lazy: float = 0
    """May wait until the object's last write is so many seconds old; for what only counts or describes."""
    tells: tuple[Happening, ...] = field(default=(), compare=False)
    """What there is to count once it is written."""


@dataclass(frozen=True, slots=True)
class Delete:
    ref: Ref
    grace_seconds: int | None = None
    unchanged: bool = False
    """Only as we know it: its user may have changed their mind."""


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


def ref(of: Resource) -> Ref:
    meta = of.metadata
    return Ref(of.kind, meta.namespace, meta.name, meta.uid, meta.resource_version)


def patch_status(ref: Ref, status: Manifest, *, lazy: float = 0, tells: tuple[Happening, ...] = ()) -> Patch:
    return Patch(ref, {"metadata": _precondition(ref), "status": status}, "status", lazy, tells)


def patch(ref: Ref, metadata: Manifest, **more: Any) -> Patch:
    return Patch(ref, {"metadata": {**_precondition(ref), **metadata}, **more})


def hold(of: Resource) -> Iterator[Patch]:
    """Our finalizer on: the object stays until we have cleaned up after it."""
    if FINALIZER not in of.metadata.finalizers:
        yield _patch_finalizers(ref(of), [*of.metadata.finalizers, FINALIZER])


def let_go(ref: Ref, finalizers: Sequence[str]) -> Iterator[Patch]:
    """Our finalizer off, if it is on."""
    if FINALIZER in finalizers:
        yield _patch_finalizers(ref, [each for each in finalizers if each != FINALIZER])


def dismiss(ref: Ref, finalizers: Sequence[str], *, deleting: bool) -> Iterator[Patch | Delete]:
    """Our finalizer off, then deleted: two writes in two passes, each on the object as it is."""
    if FINALIZER in finalizers:
        yield from let_go(ref, finalizers)
    elif not deleting:
        yield Delete(ref)


def close(of: Resource) -> Iterator[Patch | Delete]:
    """The object has nothing more to guard."""
    yield from dismiss(ref(of), of.metadata.finalizers, deleting=of.metadata.deleting)


def _patch_finalizers(ref: Ref, finalizers: list[str]) -> Patch:
    return patch(ref, {"finalizers": finalizers})


def _precondition(ref: Ref) -> Manifest:
    return {"uid": ref.uid, "resourceVersion": ref.resource_version}
