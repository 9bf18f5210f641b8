"""Objects at moments of their lives, as the operator makes them in a simulated cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from batchyard.api.names import API_VERSION
from batchyard.core.quarantine import plan_broken
from tests import build
from tests.core.whole_jobs import look, run, start, state
from tests.core.world import Raw, World

Moment = Callable[[], Raw]
Case = tuple[Moment, tuple[str, str], str]
"""Words of kstatus and of Argo CD, and what the message has in it."""
WORKS = "InProgress", "Progressing"
IS_DONE = "Current", "Healthy"
HAS_FAILED = "Failed", "Degraded"
RESTS = "Current", "Suspended"
GOES = "Terminating", "Progressing"

FAILS: dict[str, Any] = {"exits": lambda what, _node, _attempt: int(what in ("t1", "1"))}
FAILS_TO_START: dict[str, Any] = {"exits": lambda what, _node, _attempt: int(what == "pool-node")}
ENDS: dict[str, Any] = {"onAllTasksComplete": "terminatejob"}
STARTS: dict[str, Any] = {"readyWhen": "started"}
DISABLED: dict[str, Any] = {"desiredState": "disabled", "disableTasks": "wait"}


def served(world: World, kind: str, name: str) -> Raw:
    """As the API server gives it out: a new object has the status that its definition gives it."""
    found = world.get(kind, name)
    assert found is not None, f"{kind} {name} is gone"
    return {"apiVersion": API_VERSION, **found, "status": {"observedGeneration": -1} | found.get("status", {})}


def job(world: World, name: str = "demo") -> Raw:
    return served(world, "BatchJob", name)


def pool(world: World, name: str = "sample") -> Raw:
    return served(world, "BatchPool", name)


def task(world: World, name: str = "demo.t1") -> Raw:
    return served(world, "BatchTask", name)


def started(*tasks: str, seconds: int = 3, **job_: Any) -> World:
    world = start(*tasks, **job_)
    world.seconds = seconds
    return world


def upto(world: World, until: Callable[[World], bool]) -> World:
    run(world, until)
    return world


def steady(world: World) -> bool:
    status = (world.get("BatchPool", "sample") or {}).get("status", {})
    return status.get("allocationState") == "steady" and quiet(world)


def job_is(word: str) -> Callable[[World], bool]:
    return lambda world: state(world) == word


def task_is(word: str, name: str = "demo.t1") -> Callable[[World], bool]:
    return lambda world: (world.get("BatchTask", name) or {}).get("status", {}).get("state") == word


def says(kind: str, name: str, reason: str) -> Callable[[World], bool]:
    """A condition of the object has this reason."""
    return lambda world: (
        reason in {c["reason"] for c in (world.get(kind, name) or {}).get("status", {}).get("conditions", ())}
    )


def in_want(world: World) -> bool:
    """The pool has waited for Nodes long enough to say so."""
    return bool((world.get("BatchPool", "sample") or {}).get("status", {}).get("resizeErrors"))


def quiet(world: World) -> bool:
    return not look(world).actions


def edited(world: World, kind: str, name: str, **spec: Any) -> World:
    world.edit(kind, name, spec)
    return world


def deleted(world: World, kind: str, name: str) -> World:
    world.delete((kind, build.NAMESPACE, name))
    return world


def added(world: World, kind: str, name: str, **spec: Any) -> World:
    world.put({"kind": kind, "metadata": {"name": name, "namespace": build.NAMESPACE}, "spec": spec})
    return world


def unreadable(world: World) -> World:
    """What the operator says of objects that it cannot read is said."""
    for action in plan_broken(world.store().broken_in(build.NAMESPACE), now=world.now):
        world.do(action)
    return world


def ranges(**job_: Any) -> World:
    """A job whose one BatchTask stands for three tasks."""
    return started(tasks=[{"id": "t1", "range": {"start": 1, "end": 3}, "commandLine": "true"}], **job_)
