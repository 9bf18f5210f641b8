"""Creating and changing objects: what becomes of a body that somebody sent until it is stored, or why it is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.simulation.api import metadata, refusal
from tests.simulation.api.applying import Owners
from tests.simulation.api.call import Body
from tests.simulation.api.history import Key
from tests.simulation.api.pods import bound
from tests.simulation.api.resource import Resource
from tests.simulation.api.served import PODS, Target
from tests.simulation.api.state import State


@dataclass(frozen=True, slots=True)
class Writer:
    state: State
    owners: Owners = field(default_factory=Owners)

    def create(self, target: Target, sent: Any) -> Body:
        resource, item = target.resource, typed(target.resource, sent)
        meta = _own_namespace(item, target)
        if not meta.get("name") and meta.get("generateName"):
            meta["name"] = f"{meta['generateName']}{self.state.number():05x}"
        name = meta.get("name") or ""
        self._check_namespace(target, name)
        if meta.pop("resourceVersion", ""):
            raise refusal.bad_request("resourceVersion should not be set on objects to be created")
        meta = metadata.born(meta, self.state.uid(), self.state.stamp(), counted=resource.counts_generations)
        item = resource.born({**item, "metadata": meta})
        self._judge(resource, item, None)
        key = target.namespace, name
        if self.state.history.get(resource.qualified, key) is not None:
            raise refusal.already_exists(resource, name)
        return self.state.history.put(resource.qualified, key, item)

    def replace(self, target: Target, sent: Any) -> tuple[Body, bool]:
        """And whether the object is new, which only some kinds allow."""
        resource, item = target.resource, typed(target.resource, sent)
        meta = _own_namespace(item, target)
        meta.setdefault("name", target.name)
        if (
            self.state.history.get(resource.qualified, (target.namespace, target.name)) is None
            and resource.is_created_by_put
        ):
            return self.create(target, {**item, "metadata": meta}), True
        old = self.state.find(target)
        uid = old["metadata"]["uid"]
        if meta.get("uid", uid) != uid:
            raise refusal.another(resource, target.name, meta["uid"], uid)
        if not meta.get("resourceVersion") and resource.may_be_overwritten:
            meta["resourceVersion"] = old["metadata"]["resourceVersion"]
        return self.change(target, old, {**item, "metadata": meta}), False

    def apply(self, target: Target, sent: Any, manager: str) -> tuple[Body, bool]:
        """Server-side apply, forced. Whether the object is new is told too."""
        config = typed(target.resource, sent)
        config = {**config, "metadata": {"name": target.name, **_own_namespace(config, target)}}
        old = self.state.history.get(target.resource.qualified, (target.namespace, target.name))
        wanted = self.owners.applied(old, config, manager)
        item = self.create(target, wanted) if old is None else self.change(target, old, wanted)
        self.owners.settle(item, config, manager, old)
        return item, old is None

    def change(self, target: Target, old: Body, new: Body) -> Body:
        """Makes the stored object what `new` says, as far as this door lets it; nothing is written if that is what it is."""
        resource, before = target.resource, old["metadata"]
        typed(resource, new)
        meta = _own_namespace(new, target)
        if meta.get("name") != target.name:
            raise refusal.bad_request(
                f"the name of the object ({meta.get('name', '')}) does not match the name on the URL ({target.name})"
            )
        version = meta.get("resourceVersion")
        if not version:
            what = "Invalid value: 0: must be specified for an update"
            cause = refusal.Cause("FieldValueInvalid", what, "metadata.resourceVersion")
            raise refusal.invalid(resource, target.name, [cause])
        if version != before["resourceVersion"]:
            raise refusal.outdated(resource, target.name)
        item = {**new, "metadata": metadata.changed(meta, before)}
        item = self._through_its_door(target, item, old)
        if resource.counts_generations and resource.differs(item, old):
            item["metadata"] = {**item["metadata"], "generation": before["generation"] + 1}
        self._judge(resource, item, old)
        return self._store(resource, (target.namespace, target.name), item, old)

    def bind(self, target: Target, binding: Any) -> None:
        """The scheduler's word about a Pod."""
        old, node = self.state.find(target), binding["target"]["name"]
        if taken := old["spec"].get("nodeName"):
            raise refusal.conflict(PODS, target.name, f'pod {target.name} is already assigned to node "{taken}"')
        if "deletionTimestamp" in old["metadata"]:
            why = f"pod {target.name} is being deleted, cannot be assigned to a host"
            raise refusal.conflict(PODS, target.name, why)
        self.state.history.put(PODS.qualified, (target.namespace, target.name), bound(old, node, self.state.stamp()))

    def _through_its_door(self, target: Target, item: Body, old: Body) -> Body:
        if target.subresource == "status":
            return target.resource.status_changed(item, old)
        return target.resource.changed(item, old)

    def _store(self, resource: Resource, key: Key, item: Body, old: Body) -> Body:
        if item == old:
            return old
        self.owners.changed(old, item)
        if _over(item["metadata"], old["metadata"]):
            self.owners.forget(item["metadata"]["uid"])
            self.state.history.remove(resource.qualified, key)
            return item
        return self.state.history.put(resource.qualified, key, item)

    def _judge(self, resource: Resource, item: Body, old: Body | None) -> None:
        meta = item["metadata"]
        causes = (
            metadata.causes(meta, resource.kind) if old is None else metadata.causes_of_change(meta, old["metadata"])
        )
        causes += resource.causes(item, old)
        if causes:
            raise refusal.invalid(resource, meta.get("name", ""), causes)

    def _check_namespace(self, target: Target, name: str) -> None:
        if target.resource.kind.namespaced:
            found = self.state.namespace(target.namespace)
            if "deletionTimestamp" in found["metadata"]:
                raise refusal.namespace_ending(target.resource, name, target.namespace)


def typed(resource: Resource, sent: Any) -> Body:
    """The body, provided that it says to be of the kind that the path names."""
    if not isinstance(sent, dict) or not isinstance(sent.get("metadata", {}), dict):
        raise refusal.bad_request("the object provided is unrecognized (must be of type object)")
    kind = resource.kind
    if (sent.get("apiVersion", kind.api_version), sent.get("kind", kind.kind)) != (kind.api_version, kind.kind):
        raise refusal.bad_request(
            f"the API version in the data ({sent.get('apiVersion')}) does not match"
            f" the expected API version ({kind.api_version})"
        )
    return {**sent, "apiVersion": kind.api_version, "kind": kind.kind}


def _own_namespace(item: Body, target: Target) -> Body:
    meta = dict(item.get("metadata") or {})
    if target.namespace and meta.setdefault("namespace", target.namespace) != target.namespace:
        raise refusal.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    return meta


def _over(new: Body, old: Body) -> bool:
    """Whether the last that held back a deletion has let go."""
    return "deletionTimestamp" in old and not old.get("deletionGracePeriodSeconds") and not new.get("finalizers")
