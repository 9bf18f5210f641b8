"""Pools as a table."""

from __future__ import annotations

from batchyard.api.states import SERVING
from batchyard.cli.show.objects import Object, at, condition, name
from batchyard.cli.show.table import AGE, Column, field
from batchyard.cli.show.times import Moment


def serving(pool: Object) -> int:
    """How many nodes run tasks, or would if they were given some."""
    return sum(int(at(pool, f"status.nodeCounts.{state.value}", 0)) for state in SERVING)


def _of_target(kind: str) -> Column:
    low = kind == "LowPriority"

    def value(pool: Object, _now: Moment) -> str:
        return f"{at(pool, f'status.current{kind}Nodes', 0)}/{at(pool, f'spec.target{kind}Nodes', 0)}"

    return Column("LOWPRIORITY" if low else "NODES", value, wide=low)


def _nodes(state: str) -> Column:
    return Column(state.upper(), lambda pool, _now: at(pool, f"status.nodeCounts.{state}", 0))


COLUMNS = (
    Column("NAME", lambda pool, _now: name(pool)),
    field("STATE", "status.state"),
    field("ALLOCATION", "status.allocationState"),
    _of_target("Dedicated"),
    _of_target("LowPriority"),
    _nodes("idle"),
    _nodes("running"),
    Column("SLOTS", lambda pool, _now: at(pool, "spec.taskSlotsPerNode", 1)),
    Column("REASON", lambda pool, _now: condition(pool, "Ready", "False").get("reason", "")),
    AGE,
)
