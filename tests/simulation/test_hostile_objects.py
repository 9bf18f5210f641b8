"""Whatever the API server would take, and odd Pods, Nodes and DaemonSets besides, go through the operator's door and planner."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from batchyard.api import names
from batchyard.core.plan import About, plan
from batchyard.kube import kinds
from batchyard.kube.kinds import Kind
from batchyard.kube.snapshots import snapshot
from batchyard.kube.store import Store
from batchyard.kube.tables import tables
from tests import build
from tests.simulation.api.call import Body, Request
from tests.simulation.api.calling import NAMESPACE, Caller
from tests.simulation.api.custom import custom_resources
from tests.simulation.conformance import manifests
from tests.simulation.conformance.values import Values
from tests.simulation.hostile import spoiled

T = TypeVar("T")
NAMES = ("a", "demo", "task-1")
WORDS = (*NAMES, "node1", "PT15M", "echo hello", "busybox", "workitems/demo", "1-4,7", "500m")
"""Few, so that the objects speak of each other."""
BUILT_IN = (kinds.POD, kinds.POD, kinds.NODE, kinds.DAEMON_SET)


def unguarded(about: About, part: Callable[[], T]) -> T | None:
    """What fails is shown with its name."""
    assert about
    return part()


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_nothing_that_is_served_stops_the_operator(seed: int) -> None:
    chance = Random(seed)
    store = Store(build.RULES, lambda _: None)
    followed, objects = tables(store), [*taken_by_the_server(chance), *(odd(chance) for _ in range(3))]
    for item in objects:
        followed[item["kind"]].upsert(item)
    for pool in sorted({*store.pools, *store.concerns.pools}):
        plan(snapshot(store, pool, build.T0), unguarded)
    for item in objects:
        meta = item["metadata"]
        followed[item["kind"]].remove(meta.get("namespace", ""), meta["name"], meta["uid"])


def taken_by_the_server(chance: Random) -> list[Body]:
    """Objects of ours with specs and statuses that the schema lets through, whoever wrote them."""
    caller = Caller()
    caller.create(kinds.NAMESPACE, NAMESPACE)
    for _ in range(chance.randint(1, 12)):
        resource = chance.choice(custom_resources())
        parts = resource.schema["properties"]
        path, name = resource.kind.collection(NAMESPACE), chance.choice(NAMES)
        head = {"apiVersion": resource.kind.api_version, "kind": resource.kind.kind, "metadata": {"name": name}}
        spec = Values(chance, chance.choice([0, 0, 0.05]), words=WORDS).draw(parts["spec"])
        caller.server.handle(Request("POST", path, {}, {**head, "spec": spec}))
        status = Values(chance, chance.choice([0, 0, 0.05]), 0.5, WORDS).draw(parts["status"])
        patch = {"status": status}
        caller.server.handle(Request("PATCH", f"{path}/{name}/status", {}, patch, "application/merge-patch+json"))
    served = (caller.server.handle(Request("GET", each.kind.collection())) for each in custom_resources())
    return [item for answer in served for item in answer.body["items"]]


def odd(chance: Random) -> Body:
    """An object of a built-in kind, ours by its labels, with a part of it replaced by something else."""
    kind = chance.choice(BUILT_IN)
    component = chance.choice([names.COMPONENT_TASK, names.COMPONENT_PREPARATION, names.COMPONENT_POOL_NODE, "other"])
    labels = {
        names.LABEL_COMPONENT: component,
        names.LABEL_POOL: chance.choice(NAMES),
        names.LABEL_JOB: chance.choice(NAMES),
    }
    name = chance.choice(NAMES)
    meta = {
        "name": name,
        "namespace": NAMESPACE if kind.namespaced else "",
        "uid": f"{kind.plural}-{name}-{chance.randint(1, 2)}",
        "resourceVersion": str(chance.randint(1, 99)),
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "labels": labels,
    }
    return spoiled(
        chance, {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta, **content(chance, kind)}
    )


def content(chance: Random, kind: Kind) -> Body:
    if kind is kinds.NODE:
        return manifests.node(chance)
    body = manifests.content(chance, kind, NAMESPACE, 0)
    if kind is kinds.POD:
        state = chance.choice(
            [{"running": {"startedAt": "2026-01-01T00:00:00Z"}}, {"terminated": {"exitCode": 1, "message": "{"}}]
        )
        body["status"] = {**manifests.status(chance, kind), "containerStatuses": [{"name": "task", "state": state}]}
    return body
