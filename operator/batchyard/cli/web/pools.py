"""Pools, and the nodes of one, as the page shows them. Objects in, plain values out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from batchyard.api.states import NodeState
from batchyard.cli.show import why
from batchyard.cli.show.node_cells import cell
from batchyard.cli.show.nodes import place, start_task
from batchyard.cli.show.objects import Object, at, name
from batchyard.cli.web.reasons import attention, command, told

STATES = [state.value for state in NodeState]
MOST_NODES = 50_000


def listed(pools: Sequence[Object]) -> Object:
    return {
        "pools": [row(each) for each in sorted(pools, key=name)],
        "attention": attention("pool", pools, lambda pool: why.of_pool(pool, ())),
    }


def row(pool: Object) -> Object:
    return {
        "name": name(pool),
        "state": at(pool, "status.state"),
        "allocation": at(pool, "status.allocationState"),
        "dedicated": [at(pool, "status.currentDedicatedNodes", 0), at(pool, "spec.targetDedicatedNodes", 0)],
        "lowPriority": [at(pool, "status.currentLowPriorityNodes", 0), at(pool, "spec.targetLowPriorityNodes", 0)],
        "slotsPerNode": at(pool, "spec.taskSlotsPerNode", 1),
        "counts": {state: number for state in STATES if (number := at(pool, f"status.nodeCounts.{state}", 0))},
    }


def shown(pool: Object, nodes: Sequence[Object], options: Sequence[str] = ()) -> Object:
    """One list for each thing that is told of nodes, because there may be ten thousand of them. `options`: with which a command finds it."""
    every = sorted(nodes, key=place)
    states, ordered = [cell(each).word for each in every], every[:MOST_NODES]
    return {
        **row(pool),
        "heading": why.pool_heading(pool),
        "why": told(why.of_pool(pool, nodes)),
        "commands": [command("why", f"pool/{name(pool)}", *options)],
        "total": len(nodes),
        "states": Counter(states),
        "nodes": {
            "name": [str(at(each, "spec.nodeId")) for each in ordered],
            "state": states[:MOST_NODES],
            "tasks": [int(at(each, "status.runningTasksCount", 0)) for each in ordered],
            "slots": [int(at(each, "status.runningTaskSlotsCount", 0)) for each in ordered],
            "more": {str(index): more for index, each in enumerate(ordered) if (more := _more(each))},
        },
    }


def _more(node: Object) -> dict[str, Any]:
    """What is not so of most nodes."""
    errors = "; ".join(f"{at(each, 'code')}: {at(each, 'message')}" for each in at(node, "status.errors", []))
    found = {
        "low priority": "yes" if at(node, "spec.isDedicated", default=True) is False else "",
        "scheduling": "disabled" if at(node, "spec.schedulingState") == "disabled" else "",
        "start task": start_task(node),
        "error": errors[:500],
    }
    return {word: text for word, text in found.items() if text}
