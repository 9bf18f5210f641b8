"""The DaemonSet controller: one Pod on each Node that the template's affinity names; OnDelete, so running Pods are left as they are."""

from __future__ import annotations

import asyncio
from typing import Any

from batchyard.kube import kinds
from batchyard.kube.observe import controller_uid
from tests.simulation.cluster import placing, statuses
from tests.simulation.hub import Hub
from tests.simulation.tape import Tape

Raw = dict[str, Any]
Key = tuple[str, str]

OWN_TOLERATIONS = [
    {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"},
    {"key": placing.UNREACHABLE, "operator": "Exists", "effect": "NoExecute"},
    {"key": "node.kubernetes.io/disk-pressure", "operator": "Exists", "effect": "NoSchedule"},
    {"key": "node.kubernetes.io/memory-pressure", "operator": "Exists", "effect": "NoSchedule"},
    {"key": "node.kubernetes.io/unschedulable", "operator": "Exists", "effect": "NoSchedule"},
]


class DaemonSets:
    def __init__(self, hub: Hub, tape: Tape) -> None:
        self._hub = hub
        self._tape = tape
        self._due: set[Key] = set()
        hub.follow(kinds.DAEMON_SET, lambda _, item: self._soon(_key(item)))
        hub.follow(kinds.POD, self._pod)
        hub.follow(kinds.NODE, lambda _what, _item: self._all())

    def _pod(self, _: str, item: Raw) -> None:
        if owner := next((o for o in item["metadata"].get("ownerReferences") or () if o["kind"] == "DaemonSet"), None):
            self._soon((item["metadata"]["namespace"], owner["name"]))

    def _all(self) -> None:
        for key in self._hub.known["DaemonSet"]:
            self._soon(key)

    def _soon(self, key: Key) -> None:
        if key not in self._due:
            self._due.add(key)
            seconds = self._tape.between("daemonsets.lag", 0.02, 0.3)
            asyncio.get_running_loop().call_later(seconds, self._look, key)

    def _look(self, key: Key) -> None:
        self._due.discard(key)
        item = self._hub.known["DaemonSet"].get(key)
        if item is None or statuses.deleting(item):
            return
        uid = item["metadata"]["uid"]
        mine = [pod for pod in self._hub.known["Pod"].values() if controller_uid(pod["metadata"]) == uid]
        wanted = self._wanted(item)
        for node in sorted(wanted - {_target(pod) for pod in mine}):
            self._create(item, node)
        for pod in mine:
            if not statuses.deleting(pod) and (_target(pod) not in wanted or statuses.ended(pod)):
                self._hub.delete(kinds.POD, key[0], pod["metadata"]["name"], uid=pod["metadata"]["uid"])

    def _wanted(self, item: Raw) -> set[str]:
        spec = item["spec"]["template"]["spec"]
        tolerant = {**spec, "tolerations": [*(spec.get("tolerations") or ()), *OWN_TOLERATIONS]}
        nodes = ((name, self._hub.known["Node"].get(("", name))) for name in placing.named_nodes(spec))
        return {name for name, node in nodes if node is not None and not placing.repelled(node, tolerant, "NoExecute")}

    def _create(self, item: Raw, node: str) -> None:
        template, meta = item["spec"]["template"], item["metadata"]
        field = {"key": "metadata.name", "operator": "In", "values": [node]}
        terms = {"nodeSelectorTerms": [{"matchFields": [field]}]}
        affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
        owner = {
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "name": meta["name"],
            "uid": meta["uid"],
            "controller": True,
        }
        tolerations = [*(template["spec"].get("tolerations") or ()), *OWN_TOLERATIONS]
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "generateName": f"{meta['name']}-",
                "labels": template["metadata"]["labels"],
                "ownerReferences": [owner],
            },
            "spec": {**template["spec"], "affinity": affinity, "tolerations": tolerations},
        }
        self._hub.create(kinds.POD, meta["namespace"], pod)


def _key(item: Raw) -> Key:
    return item["metadata"]["namespace"], item["metadata"]["name"]


def _target(pod: Raw) -> str:
    return str(pod["spec"].get("nodeName") or next(iter(placing.named_nodes(pod["spec"])), ""))
