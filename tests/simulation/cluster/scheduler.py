"""The cluster's scheduler: binds each Pod to the Node that its affinity names, if taints and room allow it."""

from __future__ import annotations

import asyncio
from typing import Any

from batchyard.kube import kinds
from tests.simulation.cluster import placing, statuses
from tests.simulation.hub import Hub
from tests.simulation.tape import Tape

Raw = dict[str, Any]


class Scheduler:
    def __init__(self, hub: Hub, tape: Tape) -> None:
        self._hub = hub
        self._tape = tape
        self._waiting: dict[tuple[str, str], str] = {}
        self._due: set[tuple[str, str]] = set()
        hub.follow(kinds.POD, self._pod)
        hub.follow(kinds.NODE, self._node)

    def _pod(self, what: str, item: Raw) -> None:
        meta = item["metadata"]
        key = meta["namespace"], meta["name"]
        if what == "DELETED" or item["spec"].get("nodeName"):
            self._waiting.pop(key, None)
            if what == "DELETED" or statuses.ended(item):
                self._look_at_all()
        else:
            self._waiting[key] = meta["uid"]
            self._soon(key)

    def _node(self, _what: str, _item: Raw) -> None:
        self._look_at_all()

    def _look_at_all(self) -> None:
        for key in [*self._waiting]:
            self._soon(key)

    def _soon(self, key: tuple[str, str]) -> None:
        if key not in self._due:
            self._due.add(key)
            seconds = self._tape.between("scheduler.lag", 0.02, 0.2)
            asyncio.get_running_loop().call_later(seconds, self._place, key)

    def _place(self, key: tuple[str, str]) -> None:
        self._due.discard(key)
        item = self._hub.known["Pod"].get(key)
        if item is None or item["spec"].get("nodeName") or statuses.deleting(item):
            return
        if (node := self._fitting(item)) is not None:
            self._hub.create(kinds.POD, key[0], _binding(item, node), "binding")
        elif statuses.conditions(item).get("PodScheduled") != "False":
            told = statuses.condition("PodScheduled", "False", "Unschedulable", "0 nodes are available")
            body = {
                "metadata": {"uid": item["metadata"]["uid"]},
                "status": {"conditions": statuses.with_condition(item, told)},
            }
            self._hub.patch(kinds.POD, *key, body, "status")

    def _fitting(self, item: Raw) -> str | None:
        nodes = self._hub.known["Node"]
        for name in sorted(placing.named_nodes(item["spec"])):
            node = nodes.get(("", name))
            if node is None or placing.repelled(node, item["spec"], "NoSchedule", "NoExecute"):
                continue
            if placing.has_room(node, item["spec"], self._on(name)):
                return name
        return None

    def _on(self, node: str) -> list[Raw]:
        return [
            i for i in self._hub.known["Pod"].values() if i["spec"].get("nodeName") == node and not statuses.ended(i)
        ]


def _binding(item: Raw, node: str) -> Raw:
    meta = item["metadata"]
    about = {"name": meta["name"], "namespace": meta["namespace"], "uid": meta["uid"]}
    return {
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": about,
        "target": {"apiVersion": "v1", "kind": "Node", "name": node},
    }
