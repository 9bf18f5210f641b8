"""Sinks between what the API server says and the Store: only newer versions pass, a bad object stops at the door. No decisions."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from sys import intern
from typing import Any

from batchyard.api import names
from batchyard.api.job import Job
from batchyard.api.job_node import JobNode
from batchyard.api.node import Node
from batchyard.api.pool import Pool
from batchyard.core.actions import Ref
from batchyard.core.quarantine import Broken
from batchyard.kube import kinds, observe
from batchyard.kube.concerns import Key
from batchyard.kube.store import Store

log = logging.getLogger(__name__)

BAD_OBJECT = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
REMEMBERED_DELETIONS = 10_000

Parse = Callable[[Mapping[str, Any]], Any]
Put = Callable[[Key, Any], None]


class Table:
    """All objects of one kind by version. `parse` makes the facts, `put` hands them to the store, None when gone."""

    def __init__(self, kind: kinds.Kind, parse: Parse, put: Put, broken: Callable[[Key, Broken | None], None]) -> None:
        self.kind = kind
        self._parse = parse
        self._put = put
        self._broken = broken
        self._versions: dict[Key, tuple[str, int]] = {}
        self._deleted: OrderedDict[str, None] = OrderedDict()

    def knows(self, item: Mapping[str, Any]) -> bool:
        """Whether this version of the object, or a later one, has been here, or the end of the object."""
        meta = item["metadata"]
        if meta["uid"] in self._deleted:
            return True
        _, version = self._versions.get((meta.get("namespace", ""), meta["name"]), ("", -1))
        return version >= int(meta["resourceVersion"])

    def upsert(self, item: dict[str, Any]) -> None:
        meta = item["metadata"]
        if not meta.get("resourceVersion"):
            return  # so the API server answers a delete that overtook another one; the watch tells the rest
        if self.knows(item):
            return
        key, uid, version = (intern(meta.get("namespace", "")), meta["name"]), meta["uid"], int(meta["resourceVersion"])
        if self._versions.get(key, (uid,))[0] != uid:
            self._put(key, None)  # what was understood was about another object of the name
        self._versions[key] = uid, version
        try:
            facts = self._parse(item)
        except BAD_OBJECT as error:
            said = {"kind": self.kind.kind, "namespace": key[0], "object": key[1], "uid": uid}
            log.warning("%s %s/%s cannot be read: %s", self.kind.kind, *key, error, extra=said)
            self._broken(key, _unread(observe.ref(self.kind.kind, item), error, item))
            return
        self._broken(key, None)
        self._put(key, facts)

    def remove(self, namespace: str, name: str, uid: str) -> None:
        key = namespace, name
        self._deleted[uid] = None
        if len(self._deleted) > REMEMBERED_DELETIONS:
            self._deleted.popitem(last=False)
        if self._versions.get(key, ("", 0))[0] == uid:
            del self._versions[key]
            self._broken(key, None)
            self._put(key, None)

    def listed(self, seen: set[str], version: int, namespace: str | None = None) -> None:
        """Sweeps what a complete list did not mention, of one namespace or of all."""
        gone = [
            (key, uid)
            for key, (uid, v) in self._versions.items()
            if uid not in seen and v <= version and namespace in (None, key[0])
        ]
        for key, uid in gone:
            self.remove(*key, uid)


def _unread(ref: Ref, error: Exception, item: Mapping[str, Any]) -> Broken:
    """Nothing in its status is taken for granted."""
    status = item.get("status")
    status = status if isinstance(status, Mapping) else {}
    listed = status.get("conditions")
    conditions = tuple(c for c in listed if isinstance(c, Mapping) and "type" in c) if isinstance(listed, list) else ()
    seen = status.get("observedGeneration")
    return Broken(ref, str(error), conditions, item["metadata"].get("generation", 0), seen)


def tables(store: Store) -> dict[str, Table]:
    """One table for each kind that the operator follows, by name of the kind."""

    def table(kind: kinds.Kind, parse: Parse, put: Put) -> Table:
        def broken(key: Key, what: Broken | None) -> None:
            if kind.group == names.GROUP:  # others' objects are not ours to comment on
                store.put_broken(kind.kind, key, what)

        return Table(kind, parse, put, broken)

    all_tables = [
        table(kinds.BATCH_POOL, Pool.model_validate, store.put_pool),
        table(kinds.BATCH_NODE, Node.model_validate, store.put_member),
        table(kinds.BATCH_JOB, Job.model_validate, store.put_job),
        table(kinds.BATCH_JOB_NODE, JobNode.model_validate, store.put_job_node),
        table(kinds.BATCH_TASK, observe.task, store.put_task),
        table(kinds.POD, observe.pod, store.put_pod),
        table(kinds.NODE, observe.node, store.put_node),
        table(kinds.DAEMON_SET, observe.daemon_set, store.put_daemon_set),
        table(kinds.NAMESPACE, observe.namespace_ending, store.put_namespace),
    ]
    return {each.kind.kind: each for each in all_tables}
