"""How far a resize has come (Azure 1.2): resizing, or steady, with what is missing once `resizeTimeout` has passed.

The timeout reports and gives nothing up: nodes that come later are taken. A change of the pool's spec is a new resize.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from batchyard.api.duration import seconds
from batchyard.api.pool import Pool
from batchyard.api.states import AllocationState
from batchyard.core.pools.fleet import Fleet
from batchyard.core.pools.shrinking import target

TIMED_OUT = "AllocationTimedout"


@dataclass(frozen=True, slots=True)
class Size:
    """Nodes of one kind: how many there are, shall be, and are on their way out."""

    kind: str
    current: int
    target: int
    matching: int
    leaving: int = 0

    @property
    def reached(self) -> bool:
        return self.current == self.target and not self.leaving

    @property
    def told(self) -> str:
        return f"{self.current} of {self.target} {self.kind} nodes"


@dataclass(frozen=True, slots=True)
class Allocation:
    state: AllocationState
    since: float
    errors: tuple[dict[str, str], ...] = ()
    waits_for: str = ""
    """What a resize that goes on is waiting for, for people."""


def size(pool: Pool, nodes: Fleet, *, dedicated: bool, matching: int) -> Size:
    kind = "dedicated" if dedicated else "low-priority"
    here = len(nodes.of_kind(dedicated=dedicated))
    return Size(kind, here, target(pool, dedicated=dedicated), matching, nodes.leaving[dedicated])


def allocation(pool: Pool, sizes: tuple[Size, ...], now: float) -> Allocation:
    """`since` is when the state was entered."""
    before = pool.status
    entered = before.allocation_state_transition_time
    if all(each.reached for each in sizes):
        steady = before.allocation_state is AllocationState.STEADY
        return Allocation(AllocationState.STEADY, entered.timestamp() if steady and entered else now)
    if timed_out(pool, now):
        told = before.allocation_state is AllocationState.STEADY and entered is not None
        errors = tuple(_errors(pool, sizes))
        return Allocation(AllocationState.STEADY, entered.timestamp() if told and entered else now, errors)
    resizing = _resizing_since(pool)
    waits_for = "; ".join(f"{each.told}: {why(pool, each)}" for each in sizes if not each.reached)
    return Allocation(AllocationState.RESIZING, now if resizing is None else resizing, waits_for=waits_for)


def timed_out(pool: Pool, now: float) -> bool:
    """Said before about this very spec, or due now."""
    if pool.status.observed_generation != pool.metadata.generation:
        return False
    at = times_out_at(pool)
    return bool(pool.status.resize_errors) or (at is not None and now >= at)


def times_out_at(pool: Pool) -> float | None:
    """The moment (epoch seconds) at which the present resize has lasted too long."""
    since = _resizing_since(pool)
    return since + seconds(pool.spec.resize_timeout) if since is not None else None


def _resizing_since(pool: Pool) -> float | None:
    status, entered = pool.status, pool.status.allocation_state_transition_time
    same = (
        status.allocation_state is AllocationState.RESIZING and status.observed_generation == pool.metadata.generation
    )
    return entered.timestamp() if same and entered is not None else None


def _errors(pool: Pool, sizes: tuple[Size, ...]) -> Iterator[dict[str, str]]:
    for each in sizes:
        if not each.reached:
            message = f"{each.told} after {pool.spec.resize_timeout}: {why(pool, each)}"
            yield {"code": TIMED_OUT, "message": message}


def why(pool: Pool, size: Size) -> str:
    """What a size waits for, and what a person can do about it."""
    if size.current > size.target or size.leaving:
        option = pool.spec.node_deallocation_option.value
        return (
            f"{max(size.leaving, size.current - size.target)} are leaving, nodeDeallocationOption {option}; they go when their tasks "
            "have ended and their directories are wiped; wait, or set it to requeue"
        )
    dedicated = size.kind == "dedicated"
    selector, field = ("nodeSelector", "targetDedicatedNodes") if dedicated else ("lowPriorityNodeSelector", "targetLowPriorityNodes")  # fmt: skip
    chosen = pool.spec.node_selector if dedicated else pool.spec.low_priority_node_selector
    labels = ", ".join(f"{k}={v}" for k, v in sorted(chosen.items())) or ("every Node" if dedicated else "no Node")
    return (
        f"{size.matching} Nodes of the cluster are ready, not cordoned and match {selector} ({labels}); "
        f"label Nodes or lower {field}; Nodes that come later are taken"
    )
