"""The boot of each node as its pool counts it: the machine's own, and the reboots that a user asked for. Decides nothing."""

from __future__ import annotations

from dataclasses import replace

from batchyard.api.node import Node
from batchyard.core.snapshot import Snapshot


def with_boots(s: Snapshot) -> Snapshot:
    """The snapshot in which a reboot that was asked for and done is a new boot: what was prepared before, no longer is."""
    changed = {
        name: replace(s.nodes[name], boot_id=f"{s.nodes[name].boot_id}.{number}")
        for name, member in s.members.items()
        if (number := _asked_for(member)) and name in s.nodes
    }
    return replace(s, nodes={**s.nodes, **changed}) if changed else s


def _asked_for(member: Node) -> int:
    return member.status.reboots + member.status.reimages
