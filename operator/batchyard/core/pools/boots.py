"""The boot of each node as its pool counts it: the machine's own, and the reboots that a user asked for. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from batchyard.api.node import Node
from batchyard.core.facts import NodeFacts
from batchyard.core.snapshot import Snapshot


def with_boots(s: Snapshot) -> Snapshot:
    """The snapshot in which a reboot that was asked for and done is a new boot: what was prepared before, no longer is."""
    return replace(s, nodes=s.memory.ask(_booted, s.nodes, s.members))


def _booted(nodes: Mapping[str, NodeFacts], members: Mapping[str, Node]) -> Mapping[str, NodeFacts]:
    changed = {
        name: replace(nodes[name], boot_id=f"{nodes[name].boot_id}.{number}")
        for name, member in members.items()
        if (number := _asked_for(member)) and name in nodes
    }
    return {**nodes, **changed} if changed else nodes


def _asked_for(member: Node) -> int:
    return member.status.reboots + member.status.reimages
