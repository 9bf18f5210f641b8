"""Objects that own each other, the end of one of them, and what the garbage collector makes of that."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from batchyard.kube import kinds
from batchyard.kube.kinds import Kind
from tests.simulation.api.call import Body, Request, Response
from tests.simulation.conformance import manifests
from tests.simulation.conformance.comparing import Normal
from tests.simulation.conformance.contents import content_of, object_of
from tests.simulation.conformance.steps import UID, Step

KINDS = (kinds.BATCH_POOL, kinds.BATCH_JOB, kinds.BATCH_TASK, kinds.BATCH_JOB_NODE, kinds.POD, kinds.DAEMON_SET)
MOST = 5
"""Members of a family."""
ACTS = 2 + MOST
POLICIES = ("Background", "Foreground", "Foreground", "Orphan", None)


class Family:
    """In a namespace of its own. `acts` come one after another, each when all has come to rest after the one before."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)
        self.namespace = f"g{seed}"
        self._members = [(self._chance.choice(KINDS), f"m{number}") for number in range(self._chance.randint(2, MOST))]
        room = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}}
        births = [Step("POST", kinds.NAMESPACE.collection(), {}, room)]
        births += [self._born(place) for place in range(len(self._members))]
        releases = [[self._released(place)] for place in range(MOST)]
        self.acts: list[list[Step]] = [births, [self._end()], *releases]

    def seen(self, ask: Callable[[Request], Response]) -> Any:
        """All there is of it now, but for versions: how often somebody wrote on the way is not compared."""
        normal, here = Normal(), []
        for kind in KINDS:
            for item in ask(Request("GET", kind.collection(self.namespace))).body["items"]:
                meta = {key: value for key, value in item["metadata"].items() if key not in ("resourceVersion", "uid")}
                owners = [{**each, "uid": "a uid"} for each in meta.pop("ownerReferences", ())]
                if "deletionTimestamp" in meta:
                    owners = []  # who was looked at first decides whether one that is gone is still named
                here.append((kind.kind, meta["name"], owners, normal.item({"metadata": meta})))
        room = ask(Request("GET", kinds.NAMESPACE.object(None, self.namespace)))
        return here, room.body["status"]["phase"] if room.code == 200 else room.code

    def _born(self, place: int) -> Step:
        kind, name = self._members[place]
        owners = [
            self._reference(*each)
            for each in self._chance.sample(self._members[:place], min(place, self._chance.choice([0, 1, 1, 1, 2])))
        ]
        if self._chance.random() < 0.1:
            owners.append({**self._reference(kinds.BATCH_JOB, "m0"), "uid": "absent"})
        extras: Body = {"ownerReferences": owners} if owners else {}
        if self._chance.random() < 0.25:
            extras["finalizers"] = [manifests.FINALIZERS[0]]
        body = object_of(kind, name, content_of(self._chance, kind, self.namespace, 0, 0), None, extras)
        return Step("POST", kind.collection(self.namespace), {}, body)

    def _reference(self, kind: Kind, name: str) -> Body:
        reference = {"apiVersion": kind.api_version, "kind": kind.kind, "name": name}
        uid = UID + kind.object(self.namespace, name)
        return {**reference, "uid": uid, "blockOwnerDeletion": self._chance.random() < 0.6}

    def _end(self) -> Step:
        """Mostly of one that others belong to."""
        if self._chance.random() < 0.15:
            return Step("DELETE", kinds.NAMESPACE.object(None, self.namespace), {}, {})
        kind, name = self._members[self._chance.randint(0, len(self._members) // 2)]
        policy = self._chance.choice(POLICIES)
        return Step("DELETE", kind.object(self.namespace, name), {}, {"propagationPolicy": policy} if policy else {})

    def _released(self, place: int) -> Step:
        """What only its finalizer of ours holds may go."""
        kind, name = self._members[place % len(self._members)]
        operations = [
            {"op": "test", "path": "/metadata/finalizers/0", "value": manifests.FINALIZERS[0]},
            {"op": "remove", "path": "/metadata/finalizers/0"},
        ]
        return Step("PATCH", kind.object(self.namespace, name), {}, operations, "application/json-patch+json")
