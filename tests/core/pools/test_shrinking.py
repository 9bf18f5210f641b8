"""Which nodes go when a pool has more than it wants (Azure 1.2), and what becomes of running tasks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchyard.api.states import NodeState
from batchyard.core.load import Load
from batchyard.core.pools.fleet import fleet
from batchyard.core.pools.pool_node import PoolNode
from batchyard.core.pools.shrinking import with_surplus
from batchyard.core.tasks.evictions import Fate, of_node
from tests import build

NODES = ("node1", "node2", "node3", "node4")
loads = st.dictionaries(st.sampled_from(NODES), st.integers(1, 4).map(lambda n: Load(n, n)))
names = st.sets(st.sampled_from(NODES))


def surplus(target: int, load: dict[str, Load] | None = None, used: set[str] | None = None, ready: Any = NODES, low: Any = (), wants_low: int = 0) -> set[str]:  # fmt: skip
    pool = build.pool(targetDedicatedNodes=target, targetLowPriorityNodes=wants_low)
    parts = build.serving(*NODES)
    parts["members"] |= {name: build.member(name, spec={"isDedicated": False}) for name in low}
    parts["nodes"] = {name: build.node(name, ready=name in ready) for name in NODES}
    nodes = with_surplus(fleet(build.snapshot(of=pool, **parts)), pool, load or {}, used or set())
    return {name for name, node in nodes.items() if node.surplus}


@pytest.mark.parametrize(
    ("case", "gone"),
    [
        ({"target": 4}, set()),
        ({"target": 5}, set()),
        ({"target": 0}, {*NODES}),
        ({"target": 3}, {"node4"}),
        ({"target": 3, "load": {"node4": Load(1, 1)}}, {"node3"}),
        ({"target": 3, "load": dict.fromkeys(NODES, Load(2, 2)) | {"node2": Load(1, 4)}}, {"node2"}),
        ({"target": 3, "ready": NODES[1:]}, {"node1"}),
        ({"target": 3, "used": {"node4", "node3"}}, {"node2"}),
        ({"target": 3, "used": {*NODES}, "ready": NODES[1:]}, {"node1"}),
        ({"target": 2, "low": ("node4",), "wants_low": 1}, {"node3"}),
        ({"target": 3, "low": ("node4",), "wants_low": 0}, {"node4"}),
    ],
)
def test_nodes_with_the_fewest_tasks_go_first_then_those_that_do_not_serve_then_the_unused(
    case: dict[str, Any], gone: set[str]
) -> None:
    assert surplus(**case) == gone


@given(st.integers(0, 5), loads, names, names)
def test_as_many_go_as_there_are_too_many(target: int, load: dict[str, Load], used: set[str], ready: set[str]) -> None:
    assert len(surplus(target, load, used, ready)) == max(0, len(NODES) - target)


@given(st.integers(0, 4), loads, names)
def test_no_node_goes_that_has_more_tasks_than_one_that_stays(target: int, load: dict[str, Load], used: set[str]) -> None:  # fmt: skip
    gone = surplus(target, load, used)
    tasks = {name: load.get(name, Load()).tasks for name in NODES}
    assert not gone or max(tasks[n] for n in gone) <= min((tasks[n] for n in {*NODES} - gone), default=99)


def pool_node(option: str = "requeue", *, deleting: bool = False, **spec: Any) -> PoolNode:
    meta: dict[str, Any] = {"deletionTimestamp": "2026-01-01T00:00:00Z"} if deleting else {}
    return PoolNode(build.pool(nodeDeallocationOption=option), build.member(spec=spec, **meta), build.node(), None)


@pytest.mark.parametrize(("option", "fate"), [("requeue", Fate.REQUEUE), ("terminate", Fate.TERMINATE), ("taskcompletion", None)])  # fmt: skip
def test_running_tasks_are_treated_as_the_option_says(option: str, fate: Fate | None) -> None:
    """Azure 1.2, 6.3."""
    assert of_node(pool_node(option, deleting=True)) is fate
    assert of_node(pool_node(schedulingState="disabled", nodeDisableSchedulingOption=option)) is fate
    assert of_node(pool_node(reboots=1, nodeRebootOption=option)) is fate
    assert of_node(pool_node(reimages=1, nodeReimageOption=option)) is fate


def test_running_tasks_go_on_where_nobody_asks_for_anything() -> None:
    assert of_node(pool_node("terminate")) is None


def test_running_tasks_go_on_until_it_is_written_that_their_node_leaves() -> None:
    node = PoolNode(build.pool(nodeDeallocationOption="terminate"), build.member(), build.node(), None, surplus=True)
    assert of_node(node) is None
    assert node.state(1) is NodeState.LEAVING_POOL
