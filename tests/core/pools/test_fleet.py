"""Azure's word for each node (6.2) and whether it serves."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.api import names
from batchyard.core.facts import ContainerFacts, PodFacts
from batchyard.core.pools.pool_node import PoolNode
from tests import build

START = {"startTask": {"commandLine": "start"}}
DONE = build.ended(build.line(0))
SET_UP = {"setup": DONE}
NO_IMAGE = ContainerFacts(waiting_reason="ErrImagePull", waiting_message="no such image")


def pod(*, ready: bool = False, **containers: ContainerFacts) -> PodFacts:
    found = {name.replace("_", "-"): facts for name, facts in containers.items()}
    return build.pod(names.COMPONENT_POOL_NODE, ready=ready, phase="Running", containers=found)


def pool_node(of: PodFacts | None, *, machine: dict[str, Any] | None = None, status: dict[str, Any] | None = None, pool: dict[str, Any] | None = None, **spec: Any) -> PoolNode:  # fmt: skip
    return PoolNode(
        build.pool(**(pool or {})), build.member(spec=spec, status=status), build.node(**(machine or {})), of
    )


READY = pod(ready=True)
FAILED = pod(setup=DONE, start_task=build.ended(build.line(1), 1))


@pytest.mark.parametrize(
    ("node", "running", "word", "serves"),
    [
        (pool_node(None), 0, "creating", False),
        (pool_node(pod()), 0, "starting", False),
        (pool_node(pod(setup=DONE), pool=START), 0, "waitingforstarttask", False),
        (pool_node(FAILED, pool=START), 0, "starttaskfailed", False),
        (pool_node(READY), 0, "idle", True),
        (pool_node(READY), 2, "running", True),
        (pool_node(READY, schedulingState="disabled"), 0, "offline", False),
        (pool_node(READY, schedulingState="disabled"), 1, "running", False),
        (pool_node(READY, machine={"schedulable": False}), 0, "offline", False),
        (pool_node(READY, machine={"schedulable": False}), 1, "running", False),
        (pool_node(READY, machine={"ready": False}), 1, "unknown", False),
        (pool_node(READY, machine={"disk_full": True}), 0, "unusable", False),
        (pool_node(pod(setup=NO_IMAGE)), 0, "unusable", False),
        (pool_node(READY, machine={"deleting": True}, isDedicated=False), 0, "preempted", False),
        (pool_node(READY, machine={"deleting": True}), 0, "unusable", False),
        (pool_node(READY, reboots=1), 1, "running", False),
        (pool_node(READY, reboots=1, status={"state": "rebooting"}), 0, "rebooting", False),
        (pool_node(READY, reimages=1, reboots=1, status={"state": "reimaging"}), 0, "reimaging", False),
        (pool_node(READY, reboots=1, status={"state": "rebooting", "reboots": 1}), 0, "idle", True),
    ],
)
def test_node_has_a_word_for_what_it_does(node: PoolNode, running: int, word: str, serves: bool) -> None:
    assert (node.state(running), node.serves) == (word, serves)


def test_node_serves_while_its_start_task_runs_or_has_failed_if_nobody_waits_for_it() -> None:
    """Azure 1.4: waitForSuccess false."""
    unwaited = {"startTask": {"commandLine": "start", "waitForSuccess": False}}
    assert pool_node(pod(setup=DONE, start_task=ContainerFacts(running_since=1)), pool=unwaited).state(0) == "idle"
    assert pool_node(FAILED, pool=unwaited).serves
