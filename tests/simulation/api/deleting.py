"""Deletion: marked first where somebody has a say in it (finalizers, a kubelet), then gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.simulation.api import refusal
from tests.simulation.api.call import Body
from tests.simulation.api.refusal import Cause
from tests.simulation.api.resource import Resource
from tests.simulation.api.served import NAMESPACES, Target
from tests.simulation.api.state import State, stamp

ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"
_FINALIZER_OF = {"Orphan": ORPHAN, "Foreground": FOREGROUND}


@dataclass(frozen=True, slots=True)
class Deleter:
    state: State

    def delete(self, target: Target, options: Body) -> tuple[Body, bool]:
        """How the object is now, or was last, and whether it is gone."""
        check_options(options)
        old, resource = self.state.find(target), target.resource
        _check(resource, target.name, old["metadata"], options)
        if resource is NAMESPACES:
            return self._end_namespace(target, old)
        if not resource.may_own:
            options = {**options, "propagationPolicy": "Background"}
        meta = old["metadata"]
        grace = resource.grace(old, options.get("gracePeriodSeconds"))
        marked = self._marked(meta, grace, options)
        if marked is None:
            return old, False
        graceful = grace is not None and meta.get("deletionGracePeriodSeconds") != 0
        item = {**old, "metadata": marked}
        may_go = not marked.get("finalizers") and not marked.get("deletionGracePeriodSeconds")
        if item != old and (not may_go or graceful):
            item = self._put(target, item)
        if may_go:
            if not graceful and meta.get("finalizers") and "resourceVersion" in (options.get("preconditions") or {}):
                # So it is: taking off the garbage collector's finalizer in passing, it forgets which version it has.
                raise refusal.outdated(resource, target.name)
            return self.state.history.remove(resource.qualified, (target.namespace, target.name)), True
        return item, False

    def _marked(self, meta: Body, grace: int | None, options: Body) -> Body | None:
        """The metadata that says that the object is going; None if it says so already and this call brings nothing new."""
        asked = options.get("gracePeriodSeconds")
        pending = meta.get("deletionGracePeriodSeconds") if "deletionTimestamp" in meta else None
        if grace is not None and pending:
            if asked is None or asked >= pending:
                return None
            moment = _moved(meta["deletionTimestamp"], asked - pending)
            marked = {**meta, "deletionTimestamp": moment, "deletionGracePeriodSeconds": asked}
        elif pending is not None:
            marked = dict(meta)
        else:
            seconds = grace or 0
            marked = {**meta, "deletionTimestamp": self.state.stamp(seconds), "deletionGracePeriodSeconds": seconds}
            if "generation" in meta:
                marked["generation"] = meta["generation"] + 1
        return _with_finalizers(marked, _finalizers(meta.get("finalizers") or [], options))

    def _end_namespace(self, target: Target, old: Body) -> tuple[Body, bool]:
        """It goes when it is empty and its own list of finalizers is (see collecting)."""
        if "deletionTimestamp" in old["metadata"]:
            return old, False
        meta = {**old["metadata"], "deletionTimestamp": self.state.stamp()}
        return self._put(target, {**old, "metadata": meta, "status": {**old["status"], "phase": "Terminating"}}), False

    def _put(self, target: Target, item: Body) -> Body:
        return self.state.put(target.resource, (target.namespace, target.name), item)


def _check(resource: Resource, name: str, meta: Body, options: Body) -> None:
    wanted = options.get("preconditions") or {}
    for key, word in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        if wanted.get(key, meta[key]) != meta[key]:
            since = "deleted and then recreated" if key == "uid" else "modified"
            raise refusal.unmet(
                resource,
                name,
                f"the {word} in the precondition ({wanted[key]}) does not match the {word} in record ({meta[key]})."
                f" The object might have been {since}",
            )


def check_options(options: Body) -> None:
    policy = options.get("propagationPolicy")
    if policy not in (None, "Background", "Foreground", "Orphan"):
        why = f'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "{policy}"'
        cause = Cause("FieldValueNotSupported", f'Unsupported value: "{policy}"', "propagationPolicy")
        details = {"group": "meta.k8s.io", "kind": "DeleteOptions", "causes": [cause.body]}
        raise refusal.Refused(422, "Invalid", why, details)


def _finalizers(now: list[str], options: Body) -> list[str]:
    """The caller decides about the two of the garbage collector, if he says anything."""
    policy: Any = options.get("propagationPolicy")
    if policy is None:
        return now
    wanted = [_FINALIZER_OF[policy]] if policy in _FINALIZER_OF else []
    return [each for each in now if each not in (ORPHAN, FOREGROUND)] + wanted


def _with_finalizers(meta: Body, finalizers: list[str]) -> Body:
    rest = {key: value for key, value in meta.items() if key != "finalizers"}
    return {**rest, "finalizers": finalizers} if finalizers else rest


def _moved(moment: str, seconds: int) -> str:
    return stamp(int(datetime.fromisoformat(moment).timestamp()) + seconds)
