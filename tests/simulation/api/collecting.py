"""The garbage collector and the end of namespaces: controllers in reality, so here they do one write a step, when asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.simulation.api.call import Body
from tests.simulation.api.deleting import FOREGROUND, ORPHAN, Deleter
from tests.simulation.api.resource import Resource
from tests.simulation.api.served import BY_KIND, NAMESPACES, PODS, RESOURCES, Target
from tests.simulation.api.state import State
from tests.simulation.api.writing import Writer


@dataclass(slots=True)
class Collector:
    state: State
    writer: Writer
    deleter: Deleter
    _quiet: int = field(default=0)
    """The version at which there was nothing to do."""

    def step(self) -> bool:
        """One write towards a cluster without orphans. False if there is none to do."""
        if self._quiet == self.state.history.version:
            return False
        found = sorted(self._with_references(), key=lambda each: int(each[1]["metadata"]["resourceVersion"]))
        if any(self._settle(resource, item) for resource, item in found):
            return True
        if any(self._let_go(resource, item) for resource, item in self._everything()):
            return True
        self._quiet = self.state.history.version
        return False

    def _settle(self, resource: Resource, item: Body) -> bool:
        """An object lives as long as one of its owners does."""
        meta = item["metadata"]
        owners = {each["uid"]: self._owner(each, meta.get("namespace", "")) for each in meta["ownerReferences"]}
        solid = [uid for uid, owner in owners.items() if owner is not None and not _waits_for_dependents(owner)]
        if solid and len(solid) < len(owners):
            kept = [each for each in meta["ownerReferences"] if each["uid"] in solid]
            self._patch(resource, item, ownerReferences=kept)
            return True
        if solid or "deletionTimestamp" in meta:
            return False
        finalizers = meta.get("finalizers") or ()
        waited_for = any(owner is not None for owner in owners.values())
        foreground = FOREGROUND in finalizers or (waited_for and any(self._dependents(meta["uid"])))
        policy = "Orphan" if ORPHAN in finalizers else "Foreground" if foreground else "Background"
        options = {"preconditions": {"uid": meta["uid"]}, "propagationPolicy": policy}
        self.deleter.delete(_target(resource, item), options)
        return True

    def _let_go(self, resource: Resource, item: Body) -> bool:
        """What is going but waits for its dependents: for their end, or for their being nobody's."""
        meta = item["metadata"]
        finalizers = meta.get("finalizers") or []
        if "deletionTimestamp" not in meta or not {ORPHAN, FOREGROUND} & set(finalizers):
            return False
        dependents = list(self._dependents(meta["uid"]))
        if ORPHAN in finalizers and dependents:
            other, orphan = dependents[0]
            kept = [each for each in orphan["metadata"]["ownerReferences"] if each["uid"] != meta["uid"]]
            self._patch(other, orphan, ownerReferences=kept)
            return True
        if any(_blocks(dependent, meta["uid"]) for _, dependent in dependents):
            return False
        self._patch(resource, item, finalizers=[each for each in finalizers if each not in (ORPHAN, FOREGROUND)])
        return True

    def _owner(self, reference: Body, namespace: str) -> Body | None:
        resource = BY_KIND.get((reference["apiVersion"], reference["kind"]))
        if resource is None:
            return None
        where = namespace if resource.kind.namespaced else ""
        found = self.state.history.get(resource.qualified, (where, reference["name"]))
        return found if found is not None and found["metadata"]["uid"] == reference["uid"] else None

    def _dependents(self, uid: str) -> Iterator[tuple[Resource, Body]]:
        for resource, item in self._with_references():
            if any(each["uid"] == uid for each in item["metadata"]["ownerReferences"]):
                yield resource, item

    def _with_references(self) -> Iterator[tuple[Resource, Body]]:
        return ((resource, item) for resource, item in self._everything() if item["metadata"].get("ownerReferences"))

    def _everything(self) -> Iterator[tuple[Resource, Body]]:
        for resource in RESOURCES:
            for item in self.state.history.items(resource.qualified).values():
                yield resource, item

    def _patch(self, resource: Resource, item: Body, **metadata: object) -> None:
        self.writer.change(_target(resource, item), item, {**item, "metadata": {**item["metadata"], **metadata}})


@dataclass(slots=True)
class Undertaker:
    """Empties namespaces that are going, and takes them away when nothing is left in them.

    Pods first: as long as one is left, held by a finalizer or by its kubelet, nothing else is deleted (since Kubernetes 1.33).
    """

    state: State
    deleter: Deleter

    def step(self) -> bool:
        """One deletion. False if there is nothing to do but wait."""
        for _, name in sorted(self.state.history.items(NAMESPACES.qualified)):
            if "deletionTimestamp" in self.state.namespace(name)["metadata"] and self._end(name):
                return True
        return False

    def _end(self, namespace: str) -> bool:
        left = [
            (resource, item)
            for resource in RESOURCES
            for (where, _), item in sorted(self.state.history.items(resource.qualified).items())
            if where == namespace
        ]
        pods = [(resource, item) for resource, item in left if resource is PODS]
        for resource, item in pods or left:
            if "deletionTimestamp" not in item["metadata"]:
                self.deleter.delete(_target(resource, item), {"propagationPolicy": "Background"})
                return True
        if not left:
            self.state.history.remove(NAMESPACES.qualified, ("", namespace))
        return not left


def _target(resource: Resource, item: Body) -> Target:
    meta = item["metadata"]
    return Target(resource, meta.get("namespace", ""), meta["name"])


def _waits_for_dependents(owner: Body) -> bool:
    meta = owner["metadata"]
    return "deletionTimestamp" in meta and FOREGROUND in (meta.get("finalizers") or ())


def _blocks(dependent: Body, uid: str) -> bool:
    references = dependent["metadata"]["ownerReferences"]
    return any(each["uid"] == uid and each.get("blockOwnerDeletion") for each in references)
