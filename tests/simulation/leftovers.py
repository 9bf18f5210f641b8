"""What is still in the API though it should have gone (L3, L4): to be asked once faults have stopped and all is quiet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from batchyard.api import names
from batchyard.kube import kinds

OURS = (kinds.BATCH_POOL, kinds.BATCH_NODE, kinds.BATCH_JOB, kinds.BATCH_JOB_NODE, kinds.BATCH_TASK)
Raw = Mapping[str, Any]
Known = Mapping[str, Mapping[tuple[str, str], Raw]]
"""By kind, namespace and name."""


def leftovers(known: Known) -> Iterator[str]:
    there = {item["metadata"]["uid"] for kind in OURS for item in known.get(kind.kind, {}).values()}
    for kind in (*OURS, kinds.DAEMON_SET, kinds.POD):
        for (namespace, name), item in sorted(known.get(kind.kind, {}).items()):
            about = f"{kind.kind} {namespace}/{name}"
            if item["metadata"].get("deletionTimestamp"):
                yield f"L4: {about} was deleted and does not go"
            elif _is_wipe(item):
                yield f"L3: {about} has nothing to wipe any more"
            elif gone := _belongs_to(item) - there:
                yield f"L3: {about} is left of {', '.join(sorted(gone))}, which is gone"


def _is_wipe(item: Raw) -> bool:
    return (item["metadata"].get("labels") or {}).get(names.LABEL_COMPONENT) == names.COMPONENT_WIPE


def _belongs_to(item: Raw) -> set[str]:
    """UIDs of its job and of those of our objects that own it."""
    meta, job = item["metadata"], item["spec"].get("jobUID")
    owners = (each for each in meta.get("ownerReferences") or () if each["apiVersion"] == names.API_VERSION)
    labelled = (meta.get("labels") or {}).get(names.LABEL_JOB_UID)
    return {*(each["uid"] for each in owners), *(uid for uid in (job, labelled) if uid and isinstance(uid, str))}
