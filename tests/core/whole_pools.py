"""What tests of whole pools say about them: what nodes and tasks have come to, and what users ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.core.whole_jobs import add_node, look, run, start
from tests.core.world import World

CRASHES = pytest.mark.parametrize("crash_every", [0, 1, 2])
TASKS = ("t1", "t2", "t3", "t4")


def of(world: World, name: str) -> dict[str, Any]:
    return dict((world.get("BatchNode", f"sample.{name}") or {}).get("status", {}))


def ask(world: World, name: str, **spec: Any) -> None:
    world.edit("BatchNode", f"sample.{name}", spec)


def resize(world: World, target: int, option: str = "requeue") -> None:
    world.edit("BatchPool", "sample", {"targetDedicatedNodes": target, "nodeDeallocationOption": option})


def members(world: World) -> list[str]:
    return [item["spec"]["nodeId"] for item in world.of("BatchNode")]


def counters(world: World, counter: str) -> int:
    return sum(t.get("status", {}).get("executionInfo", {}).get(counter, 0) for t in world.of("BatchTask"))


def codes(world: World) -> list[str]:
    infos = (t.get("status", {}).get("executionInfo", {}) for t in world.of("BatchTask"))
    return [info["failureInfo"]["code"] for info in infos if info.get("failureInfo")]


def running(*nodes: str) -> Callable[[World], bool]:
    def check(world: World) -> bool:
        live = {
            p["spec"].get("nodeName") for p in world.of("Pod", "task") if p.get("status", {}).get("phase") == "Running"
        }
        return set(nodes) <= live

    return check


def steady(size: int) -> Callable[[World], bool]:
    def check(world: World) -> bool:
        status = (world.get("BatchPool", "sample") or {})["status"]
        return len(members(world)) == size and status.get("allocationState") == "steady" and not look(world).actions

    return check


def busy(crash_every: int = 0, *tasks: str, **job: Any) -> World:
    world = start(*(tasks or TASKS), **job)
    world.seconds = 15
    run(world, running("node1", "node2"), crash_every)
    return world


def spot(world: World) -> None:
    for name in ("node2", "node3"):
        add_node(world, name, spot="true")
    more = {"targetDedicatedNodes": 1, "targetLowPriorityNodes": 1, "lowPriorityNodeSelector": {"spot": "true"}}
    world.edit("BatchPool", "sample", more)


def sizes(world: World) -> tuple[int, int]:
    status = (world.get("BatchPool", "sample") or {})["status"]
    return status["currentDedicatedNodes"], status.get("currentLowPriorityNodes", 0)
