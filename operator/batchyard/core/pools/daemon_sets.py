"""When a DaemonSet of ours is applied anew. What is in it is for pods/ to say."""

from __future__ import annotations

from collections.abc import Iterator

from batchyard.api import names
from batchyard.core.actions import Action, Apply, Manifest
from batchyard.core.facts import DaemonSetFacts


def bring_up(present: DaemonSetFacts | None, wanted: Manifest, owner_uid: str) -> Iterator[Action]:
    """Applied when it is missing or differs by its hash; never while it goes, nor over somebody else's."""
    differs = present is None or present.spec_hash != wanted["metadata"]["annotations"][names.ANNOTATION_HASH]
    ours = present is None or (present.owner_uid == owner_uid and not present.deleting)
    if differs and ours:
        yield Apply("DaemonSet", wanted)
