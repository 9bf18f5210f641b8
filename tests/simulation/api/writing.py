"""Creating and changing objects: what becomes of a body that somebody sent until it is stored, or why it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.simulation.api import metadata, metadata_rules, refusal
from tests.simulation.api.call import Body
from tests.simulation.api.history import Key
from tests.simulation.api.pods import bound
from tests.simulation.api.refusal import Cause
from tests.simulation.api.resource import Resource
from tests.simulation.api.served import PODS, Target
from tests.simulation.api.state import State


@dataclass(frozen=True, slots=True)
class Writer:
    state: State

    def create(self, target: Target, sent: Any, *, by_put: bool = False) -> Body:
        resource, item = target.resource, typed(target.resource, sent)
        meta = _own_namespace(item, target)
        if not meta.get("name") and meta.get("generateName"):
            meta["name"] = f"{meta['generateName']}{self.state.number():05x}"
        name = meta.get("name") or ""
        self._check_namespace(target, name)
        if meta.pop("resourceVersion", "") and not by_put:
            raise refusal.bad_request("resourceVersion should not be set on objects to be created")
        meta = metadata.born(meta, self.state.uid(), self.state.stamp(), counted=resource.counts_generations)
        item = resource.born({**item, "metadata": meta})
        self._judge(resource, item, None)
        key = target.namespace, name
        if self.state.history.get(resource.qualified, key) is not None:
            raise refusal.already_exists(resource, name)
        item = self.state.put(resource, key, item)
        if resource.has_late_defaults:
            self.state.unsaved.add(meta["uid"])
        return item

    def replace(self, target: Target, sent: Any) -> tuple[Body, bool]:
        """And whether the object is new, which only some kinds allow."""
        resource, item = target.resource, typed(target.resource, sent)
        meta = _own_namespace(item, target)
        meta.setdefault("name", target.name)
        if (
            self.state.history.get(resource.qualified, (target.namespace, target.name)) is None
            and resource.is_created_by_put
        ):
            if meta.get("uid"):
                raise refusal.another(resource, target.name, meta["uid"], "")
            return self.create(target, {**item, "metadata": meta}, by_put=True), True
        old = self.state.find(target)
        uid = old["metadata"]["uid"]
        if meta.get("uid", uid) != uid:
            raise refusal.another(resource, target.name, meta["uid"], uid)
        if not meta.get("resourceVersion") and resource.may_be_overwritten:
            meta["resourceVersion"] = old["metadata"]["resourceVersion"]
        return self.change(target, old, {**item, "metadata": meta}), False

    def config(self, target: Target, sent: Any) -> Body:
        """What is to be applied."""
        config = typed(target.resource, sent)
        meta = {"name": target.name, **_own_namespace(config, target)}
        if meta["name"] != target.name:
            raise refusal.bad_request(f"name in URL ({target.name}) does not match name in object ({meta['name']})")
        return {**config, "metadata": meta}

    def change(self, target: Target, old: Body, new: Body, unreadable: refusal.Refused | None = None) -> Body:
        """Makes the stored object what `new` says, as far as this door lets it; nothing is written if that is what it is."""
        resource, before = target.resource, old["metadata"]
        new = typed(resource, new, unreadable)
        meta = _own_namespace(new, target)
        if meta.get("name") != target.name:
            raise refusal.bad_request(
                f"the name of the object ({meta.get('name', '')}) does not match the name on the URL ({target.name})"
            )
        version = meta.get("resourceVersion")
        if not version:
            what = "Invalid value: 0: must be specified for an update"
            cause = Cause("FieldValueInvalid", what, "metadata.resourceVersion")
            raise refusal.invalid_by_plural(resource, target.name, cause)
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
        self._check_namespace(target, target.name)
        old, node = self.state.find(target), binding["target"]["name"]
        if taken := old["spec"].get("nodeName"):
            raise refusal.unbound(PODS, target.name, f'pod {target.name} is already assigned to node "{taken}"')
        if "deletionTimestamp" in old["metadata"]:
            why = f"pod {target.name} is being deleted, cannot be assigned to a host"
            raise refusal.unbound(PODS, target.name, why)
        self.state.put(PODS, (target.namespace, target.name), bound(old, node, self.state.stamp()))

    def _through_its_door(self, target: Target, item: Body, old: Body) -> Body:
        if target.subresource == "status":
            return target.resource.status_changed(item, old)
        return target.resource.changed(item, old)

    def _store(self, resource: Resource, key: Key, item: Body, old: Body) -> Body:
        uid = item["metadata"]["uid"]
        if item == old and uid not in self.state.unsaved:
            return old
        if _over(item["metadata"], old["metadata"]):
            self.state.history.remove(resource.qualified, key)
            return item
        return self.state.put(resource, key, item)

    def _judge(self, resource: Resource, item: Body, old: Body | None) -> None:
        if item["kind"] != resource.kind.kind:
            raise _of_another_kind(resource, item)
        meta = item["metadata"]
        causes = metadata_rules.causes(meta, words_are_known=resource.knows_finalizers)
        if old is None:
            causes += metadata_rules.causes_in_name(meta, resource.is_name)
        else:
            causes += metadata.causes_of_change(meta, old["metadata"])
        others = resource.causes(item, old)
        causes = others if others and old is None and resource.judges_metadata_last else causes + others
        if causes:
            raise refusal.invalid(resource, meta.get("name", ""), causes)

    def _check_namespace(self, target: Target, name: str) -> None:
        if target.resource.kind.namespaced:
            found = self.state.namespace(target.namespace)
            if "deletionTimestamp" in found["metadata"]:
                raise refusal.namespace_ending(target.resource, name, target.namespace)


def typed(resource: Resource, sent: Any, unreadable: refusal.Refused | None = None) -> Body:
    """The body, provided that what is wrong with it, if anything, can be told by field."""
    kind = resource.kind
    readable = isinstance(sent, dict) and isinstance(sent.get("metadata") or {}, dict)
    readable = readable and metadata_rules.is_readable(sent.get("metadata") or {})
    if readable and not resource.is_custom:
        given = {key: value for key, value in sent.items() if value is not None}
        sent = {"apiVersion": kind.api_version, "kind": kind.kind, **given}
        readable = all(isinstance(sent.get(part) or {}, dict) for part in ("spec", "status"))
    if not readable:
        why = f"{kind.kind} in version {kind.version!r} cannot be handled as a {kind.kind}"
        raise unreadable or refusal.bad_request(why)
    same_group = sent.get("apiVersion") == kind.api_version
    judged_later = resource.is_custom and isinstance(sent.get("kind"), str)
    if not (same_group and (judged_later or sent.get("kind") == kind.kind)):
        raise refusal.bad_request(
            f"the API version in the data ({sent.get('apiVersion')}) does not match"
            f" the expected API version ({kind.api_version})"
        )
    body: Body = sent
    return body


def _of_another_kind(resource: Resource, sent: Body) -> refusal.Refused:
    cause = Cause("FieldValueInvalid", f"Invalid value: must be {resource.kind.kind}", "kind")
    refused = refusal.invalid(resource, (sent.get("metadata") or {}).get("name", ""), [cause])
    refused.details = {**(refused.details or {}), "kind": sent["kind"]}
    return refused


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
