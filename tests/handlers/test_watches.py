from __future__ import annotations

import inspect
import time
from typing import Any

import kopf
import pytest
from prometheus_client import REGISTRY

from batchyard.api import names
from batchyard.handlers import watches
from batchyard.handlers.work import scopes
from batchyard.kube import kinds
from batchyard.kube.kinds import Kind
from batchyard.kube.tables import tables
from batchyard.settings import read
from tests import build
from tests.kube.known import SAMPLE, Known

ENV = {"BATCHYARD_NAMESPACE": "batchyard", "BATCHYARD_IMAGE": "batchyard.test/operator:1"}


def pool(version: int) -> dict[str, Any]:
    return {"metadata": {**build.metadata("sample"), "resourceVersion": str(version)}, "spec": {}}


async def test_kopf_hands_what_it_hears_to_the_table() -> None:
    known, began = Known(), time.time()
    feed = watches._feeding(tables(known)["BatchPool"])
    await feed(event={"type": None, "object": pool(1)}, body={}, logger=None)  # kopf's word for what a list brings
    await feed(event={"type": "MODIFIED", "object": pool(3)})
    await feed(event={"type": "MODIFIED", "object": pool(2)})
    assert known.pools[SAMPLE].metadata.resource_version == "3"
    await feed(event={"type": "DELETED", "object": pool(4)})
    assert known.pools == {}
    heard = REGISTRY.get_sample_value("batchyard_watch_last_event_timestamp_seconds", {"kind": "BatchPool"})
    assert heard is not None
    assert began <= heard <= time.time()


def test_kopf_runs_no_handler_in_another_thread() -> None:
    """As it does with every handler that is no coroutine; store and loops belong to the event loop's thread."""
    handlers = list(watches.registry(tables(Known()))._watching.get_all_handlers())
    assert handlers
    assert all(inspect.iscoroutinefunction(handler.fn) for handler in handlers)


def test_every_slow_kind_is_watched_and_no_quick_one() -> None:
    registry = watches.registry(tables(Known()))
    watched = {handler.id for handler in registry._watching.get_all_handlers()}
    assert watched == {kind.plural for kind in watches.SLOW_KINDS}
    assert not watched & {"batchtasks", "batchjobnodes", "pods"}


def test_kopf_neither_posts_events_nor_writes_to_objects_nor_takes_our_finalizer() -> None:
    settings = watches.settings()
    storage = settings.persistence.diffbase_storage
    assert settings.posting.enabled is False
    assert settings.persistence.finalizer != names.FINALIZER
    body, patch = kopf.Body({"metadata": {}, "spec": {"x": 1}}), kopf.Patch()
    storage.store(body=body, patch=patch, essence=storage.build(body=body))
    assert not patch
    assert storage.fetch(body=body) is None


@pytest.mark.parametrize(
    ("watched", "kind", "namespaces", "ours_only"),
    [
        ("", kinds.POD, [None], True),
        ("", kinds.BATCH_TASK, [None], False),
        ("a b", kinds.BATCH_TASK, ["a", "b"], False),
        ("a b", kinds.POD, ["a", "b", "batchyard"], True),  # wipe Pods stand in the operator's own namespace
        ("a batchyard", kinds.POD, ["a", "batchyard"], True),
        ("a", kinds.DAEMON_SET, ["a"], True),
        ("a", kinds.NODE, [None], False),
        ("a", kinds.NAMESPACE, [None], False),
    ],
)
def test_no_more_is_listed_than_is_served(
    watched: str, kind: Kind, namespaces: list[str | None], ours_only: bool
) -> None:
    found = scopes(kind, read({**ENV, "BATCHYARD_WATCH_NAMESPACES": watched}))
    assert [scope.namespace for scope in found] == namespaces
    assert all(bool(scope.label_selector) is ours_only for scope in found)
