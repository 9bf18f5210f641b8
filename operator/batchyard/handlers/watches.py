"""Kopf's part: login, settings, and the watches of the slow kinds. A handler hands its object to a table, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import kopf
from typing_extensions import override

from batchyard import metrics
from batchyard.api import names
from batchyard.kube import kinds
from batchyard.kube.tables import Table

SLOW_KINDS = (kinds.BATCH_POOL, kinds.BATCH_NODE, kinds.BATCH_JOB, kinds.DAEMON_SET, kinds.NODE, kinds.NAMESPACE)


class _NothingToCompare(kopf.AnnotationsDiffBaseStorage):
    """We never ask Kopf what changed; working that out would be a third of its work for each event."""

    @override
    def build(self, *, body: kopf.Body, extra_fields: Any = None) -> Any:
        return {}

    @override
    def fetch(self, *, body: kopf.Body) -> Any:
        return None

    @override
    def store(self, *, body: kopf.Body, patch: kopf.Patch, essence: Any) -> None:
        pass


def registry(tables: Mapping[str, Table]) -> kopf.OperatorRegistry:
    """Handlers for every slow kind, bound to its table."""
    made = kopf.OperatorRegistry()
    kopf.on.login(registry=made)(_login)
    for kind in SLOW_KINDS:
        table = tables[kind.kind]
        kopf.on.event(kind.group, kind.version, kind.plural, registry=made, id=kind.plural)(_feeding(table))
    return made


def _login(**kwargs: Any) -> Any:
    return kopf.login_via_client(**kwargs)


def _feeding(table: Table) -> Any:
    # A coroutine, or Kopf would call it from another thread, and store and loops belong to the event loop's.
    async def feed(event: Mapping[str, Any], **_: Any) -> None:
        metrics.note_event(table.kind.kind)
        item = dict(event["object"])
        meta = item["metadata"]
        if event["type"] == "DELETED":
            table.remove(meta.get("namespace", ""), meta["name"], meta["uid"])
        else:
            table.upsert(item)

    return feed


def settings() -> kopf.OperatorSettings:
    made = kopf.OperatorSettings()
    made.scanning.disabled = True
    made.posting.enabled = False
    made.queueing.idle_timeout = 0.01
    made.watching.chunk_size = 500
    made.watching.initial_streaming = False
    made.networking.request_timeout = 30
    made.networking.connect_timeout = 5
    made.networking.error_backoffs = (0.5, 1, 2, 4, 8, 15, 30, 60, 60, 60)
    made.peering.standalone = True
    # Kopf takes its own finalizer off wherever no handler of its needs it: that name must not be ours.
    made.persistence.finalizer = f"{names.GROUP}/kopf"
    made.persistence.diffbase_storage = _NothingToCompare()
    return made
