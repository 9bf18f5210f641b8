"""When a DaemonSet of ours is applied anew. What is in it is for pods/ to say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from batchyard.api import names
from batchyard.core.actions import Action, Apply, Manifest, patch
from batchyard.core.facts import DaemonSetFacts
from batchyard.core.pods.parts import on_nodes


def bring_up(present: DaemonSetFacts | None, wanted: Manifest, owner_uid: str) -> Iterator[Action]:
    """Applied when it is missing or differs by its hash; never while it goes, nor over somebody else's."""
    differs = present is None or present.spec_hash != wanted["metadata"]["annotations"][names.ANNOTATION_HASH]
    ours = present is None or (present.owner_uid == owner_uid and not present.deleting)
    if differs and ours:
        yield Apply("DaemonSet", wanted)


def narrow(present: DaemonSetFacts | None, wanted: Iterable[str], owner_uid: str) -> Iterator[Action]:
    """What is to be in it cannot be made: what it was made of stays, on the nodes that it has and that are still wanted; none is added.

    Without its hash, so that it is applied anew once it can be made, even if that is the very one of before.
    """
    if present is None or present.deleting or present.owner_uid != owner_uid:
        return
    if present.nodes - (kept := present.nodes.intersection(wanted)):
        spec = {"template": {"spec": {"affinity": on_nodes(kept)}}}
        yield patch(present.ref, {"annotations": {names.ANNOTATION_HASH: ""}}, spec=spec)
