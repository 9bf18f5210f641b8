"""What a pool's status says: counts, Azure's words, and conditions with numbers and the next step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from batchyard.api.pool import Pool, PoolStatus
from batchyard.api.states import AllocationState, PoolState
from batchyard.api.unsupported import unsupported
from batchyard.core import people
from batchyard.core.actions import Action, Emit, patch_status, ref
from batchyard.core.conditions import Observed, false, merge, told_unsupported, true
from batchyard.core.differences import merge_patch
from batchyard.core.facts import PodFacts
from batchyard.core.happenings import Happening, between
from batchyard.core.jobs import misfits
from batchyard.core.load import Load
from batchyard.core.pools import allocation
from batchyard.core.pools.allocation import Allocation, Size
from batchyard.core.pools.fleet import Fleet
from batchyard.core.pools.membership import matches
from batchyard.core.pools.node_status import SETTLE_SECONDS
from batchyard.core.pools.pool_node import troubles
from batchyard.core.snapshot import Snapshot
from batchyard.core.times import stamp


@dataclass(frozen=True, slots=True)
class Seen:
    """The pool in numbers."""

    sizes: tuple[Size, ...]
    words: Counter[str]
    serving: int

    @property
    def target(self) -> int:
        return sum(each.target for each in self.sizes)

    @property
    def ready(self) -> bool:
        return self.serving >= self.target


def plan_status(s: Snapshot, pool: Pool, nodes: Fleet, load: Mapping[str, Load]) -> Iterator[Action]:
    seen = _seen(s, pool, nodes, load)
    now_in = allocation.allocation(pool, seen.sizes, s.now)
    before = s.memory.ask(PoolStatus.to_wire, pool.status)
    word = PoolState.DELETING if pool.metadata.deleting else PoolState.ACTIVE
    observed = [*_clash(s)] or [*_conditions(s, pool, seen, now_in)]
    desired: dict[str, Any] = {
        **before,
        "observedGeneration": pool.metadata.generation,
        "state": word.value,
        "stateTransitionTime": before.get("stateTransitionTime") if before.get("state") == word.value else stamp(s.now),
        "allocationState": now_in.state.value,
        "allocationStateTransitionTime": stamp(now_in.since),
        "currentDedicatedNodes": seen.sizes[0].current,
        "currentLowPriorityNodes": seen.sizes[1].current,
        "nodeCounts": dict(sorted(seen.words.items())),
        "resizeErrors": [*now_in.errors],
        "conditions": merge(before.get("conditions", []), observed, now=s.now, generation=pool.metadata.generation),
    }
    if patch := merge_patch(before, desired):
        lazy = SETTLE_SECONDS if set(patch) <= {"nodeCounts"} else 0
        yield patch_status(ref(pool), patch, lazy=lazy, tells=(*_resized(pool, now_in),))
        if now_in.errors and not pool.status.resize_errors:
            yield Emit(ref(pool), "Warning", allocation.TIMED_OUT, "; ".join(e["message"] for e in now_in.errors))
        yield from people.call(pool, observed)


def _resized(pool: Pool, now_in: Allocation) -> Iterator[Happening]:
    """A resize has ended: the target is reached, or took too long."""
    before, since = pool.status.allocation_state, pool.status.allocation_state_transition_time
    if before is AllocationState.RESIZING and now_in.state is AllocationState.STEADY:
        took = between(since.timestamp() if since else None, now_in.since)
        yield Happening("resize", "failure" if now_in.errors else "success", seconds=took)


def _seen(s: Snapshot, pool: Pool, nodes: Fleet, load: Mapping[str, Load]) -> Seen:
    sizes = tuple(
        allocation.size(pool, nodes, dedicated=kind, matching=len(matches(s, pool)[kind])) for kind in (True, False)
    )
    words = Counter({word.value: many for word, many in nodes.words(load).items()})
    return Seen(sizes, words, len(nodes.serving))


def _clash(s: Snapshot) -> Iterator[Observed]:
    """Azure's 409: ids of pools are unique without regard to case."""
    if s.clashes_with:
        message = f"pool {s.clashes_with!r} has the same id but for case; choose another; this pool takes no Nodes and no tasks"
        yield Observed("Ready", status=False, reason="PoolExists", message=message)
        yield Observed("Reconciling", status=False, reason="PoolExists")
        yield Observed("Stalled", status=True, reason="PoolExists", message=message)


def _conditions(s: Snapshot, pool: Pool, seen: Seen, now_in: Allocation) -> Iterator[Observed]:
    failed = seen.words["starttaskfailed"]
    message = (
        f"on {failed} of {len(s.members)} nodes; see `kubectl get bnode`, correct startTask, then raise spec.reboots of the nodes"
        if failed
        else ""
    )
    start_task = Observed("StartTaskFailed", bool(failed), "StartTaskFailed" if failed else "NoFailure", message)
    if seen.ready:
        ready = true("Ready", "TargetReached", f"{seen.serving} of {seen.target} nodes serve")
    else:
        ready = false("Ready", *_why_not_ready(s, pool, seen))
    stalled = _stalled(start_task, now_in)
    yield ready
    yield _reconciling(ready, now_in) if not stalled.status else false("Reconciling", stalled.reason)
    yield stalled
    yield start_task
    yield from told_unsupported(s.memory.ask(unsupported, pool.spec), pool.status)


def _reconciling(ready: Observed, now_in: Allocation) -> Observed:
    """Also while nodes leave of which none is needed any more."""
    if ready.status and now_in.state is AllocationState.STEADY:
        return false("Reconciling", ready.reason)
    return true("Reconciling", "PoolResizing", ready.message if not ready.status else now_in.waits_for)


def _stalled(start_task: Observed, now_in: Allocation) -> Observed:
    """What does not become well by waiting. The pool goes on trying all the same."""
    if start_task.status:
        return true("Stalled", "StartTaskFailed", f"startTask failed {start_task.message}")
    if now_in.errors:
        return true("Stalled", allocation.TIMED_OUT, "; ".join(each["message"] for each in now_in.errors))
    return false("Stalled", "Progressing")


def _why_not_ready(s: Snapshot, pool: Pool, seen: Seen) -> tuple[str, str]:
    if misfit := misfits.of_pool(pool):
        return "Misconfigured", misfit
    for size in seen.sizes:
        if size.current < size.target:
            return "NoMatchingNodes", f"{size.told} found: {allocation.why(pool, size)}"
    serve = f"{seen.serving} of {seen.target} nodes serve"
    if trouble := s.memory.ask(_image_trouble, s.pods):
        return "ImagePulling", f"{serve}; {trouble}; correct the image's name or imagePullSecrets"
    words = seen.words
    if kept := words["offline"] + words["rebooting"] + words["reimaging"]:
        return (
            "NodesNotServing",
            f"{serve}; {kept} are kept from tasks (cordoned, schedulingState disabled, or rebooting), see `kubectl get bnode`",
        )
    if away := words["unknown"] + words["unusable"] + words["preempted"]:
        return (
            "NodesNotServing",
            f"{serve}; {away} do not answer or have no room, see `kubectl get bnode` and `kubectl get node`",
        )
    return "NodesStarting", f"{serve}; the others are starting, see `kubectl get bnode`"


def _image_trouble(pods: Mapping[str, PodFacts]) -> str:
    """An image that nodes of the pool cannot get."""
    return next((f"node {name}: {trouble}" for name, pod in pods.items() for trouble in troubles(pod)), "")
