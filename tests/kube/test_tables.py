"""The door of the store: what the API server says, and in which order it may say it."""

from __future__ import annotations

from typing import Any

from batchyard.kube.tables import tables
from tests import build
from tests.kube.known import Known


def pod(**metadata: Any) -> dict[str, Any]:
    meta = {**build.metadata("task001"), "labels": {"batchyard.io/pool": "sample"}, **metadata}
    return {"kind": "Pod", "metadata": meta, "spec": {}, "status": {}}


def test_answer_without_a_version_is_left_to_the_watch() -> None:
    """Seen from the real API server when two deletes of a Pod overtake each other."""
    known = Known()
    item = pod(deletionTimestamp="2026-11-21T15:00:00Z")
    del item["metadata"]["resourceVersion"]
    tables(known)["Pod"].upsert(item)
    assert known.pods == {}
