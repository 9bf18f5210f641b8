"""One pool in numbers, for monitoring. From what statuses say, so that the numbers agree with what users see. Decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple, TypeVar

from batchyard.api.job import Job
from batchyard.api.node import Node
from batchyard.api.states import SERVING, JobState, NodeState
from batchyard.core.people import needed_for
from batchyard.core.snapshot import Snapshot

T = TypeVar("T")
CAPACITIES = ("dedicated", "lowpriority")
NODE_STATES = tuple(state.value for state in NodeState)
JOB_STATES = tuple(state.value for state in JobState)
TASK_STATES = ("active", "preparing", "running", "succeeded", "failed")
_NO_NODES = dict.fromkeys(product(CAPACITIES, NODE_STATES), 0)
_NO_TARGET = dict.fromkeys(CAPACITIES, 0)
_NO_JOBS = dict.fromkeys(JOB_STATES, 0)
_NO_TASKS = dict.fromkeys(TASK_STATES, 0)
"""What is known and not there is 0, or there would be nothing to compare it with."""


@dataclass(frozen=True, slots=True)
class Numbers:
    exists: bool = False
    """The pool itself; jobs may name one that nobody has made."""
    nodes: Mapping[tuple[str, str], int] = field(default_factory=_NO_NODES.copy)
    """By capacity and state."""
    target_nodes: Mapping[str, int] = field(default_factory=_NO_TARGET.copy)
    """By capacity."""
    jobs: Mapping[str, int] = field(default_factory=_NO_JOBS.copy)
    """By state."""
    tasks: Mapping[str, int] = field(default_factory=_NO_TASKS.copy)
    """By state; of jobs that are there."""
    waiting: Mapping[str, int] = field(default_factory=dict)
    """Active jobs with tasks that wait, by the reason of the condition Admitted."""
    waiting_tasks: Mapping[str, int] = field(default_factory=dict)
    """All tasks in state active, by the same reason of their job."""
    slots: Mapping[str, int] = field(default_factory=dict)
    """Used on all nodes, free on those that take tasks."""
    needs_human: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Pools and jobs that do not go on without a person, by kind and reason."""


NOTHING = Numbers()
"""Neither a pool nor jobs of it."""


def together(found: Sequence[Numbers]) -> Numbers:
    """Several pools as if they were one."""
    if len(found) == 1:
        return found[0]
    return Numbers(
        exists=any(each.exists for each in found),
        nodes=_sum(each.nodes for each in found),
        target_nodes=_sum(each.target_nodes for each in found),
        jobs=_sum(each.jobs for each in found),
        tasks=_sum(each.tasks for each in found),
        waiting=_sum(each.waiting for each in found),
        waiting_tasks=_sum(each.waiting_tasks for each in found),
        slots=_sum(each.slots for each in found),
        needs_human=_sum(each.needs_human for each in found),
    )


def _sum(each: Iterable[Mapping[T, int]]) -> Mapping[T, int]:
    total = Counter[T]()
    for one in each:
        total.update(one)
    return total


def numbers(s: Snapshot) -> Numbers:
    told = [
        view.memory.ask(_told, view.job)
        for view in s.jobs
        if view.job is not None and view.job.spec.pool_info.pool_id == s.name
    ]
    seen, spec = s.memory.ask(_nodes, s.members), s.pool.spec if s.pool is not None else None
    targets = (spec.target_dedicated_nodes, spec.target_low_priority_nodes) if spec is not None else (0, 0)
    states = zip(
        TASK_STATES, map(sum, zip(_NO_TASKS.values(), *(each.tasks for each in told), strict=True)), strict=True
    )
    queue = Counter[str]()
    for each in told:
        queue[each.reason] += each.tasks[0]
    return Numbers(
        exists=s.pool is not None,
        nodes=seen.states,
        target_nodes=dict(zip(CAPACITIES, targets, strict=True)),
        jobs={**_NO_JOBS, **Counter(each.state for each in told if each.state)},
        tasks=dict(states),
        waiting=Counter(each.reason for each in told if each.waits),
        waiting_tasks=+queue,
        slots=_slots(seen, spec.task_slots_per_node) if spec is not None else {},
        needs_human=Counter(_needs_human(s, told)),
    )


class _Told(NamedTuple):
    """What one job says of itself."""

    state: str
    tasks: tuple[int, ...]
    """In the order of TASK_STATES."""
    reason: str
    """For which its tasks wait; those of a job that is admitted are placed next."""
    waits: bool
    needs_human: str


def _told(job: Job) -> _Told:
    """Asked anew only when the job has changed."""
    status, counts, admitted = job.status, job.status.task_counts, job.status.condition("Admitted")
    held = admitted is not None and admitted.status == "False"
    return _Told(
        state=status.state.value if status.state is not None else "",
        tasks=tuple(getattr(counts, state) if counts is not None else 0 for state in TASK_STATES),
        reason=admitted.reason if admitted is not None and held else "PendingEvaluation",
        waits=held and status.state is JobState.ACTIVE,
        needs_human=needed_for(status),
    )


class _Nodes(NamedTuple):
    states: Mapping[tuple[str, str], int]
    serving: int
    used: int
    """Slots in use on all of them."""
    used_serving: int
    """Of those, on nodes that take tasks."""


def _nodes(members: Mapping[str, Node]) -> _Nodes:
    """Asked anew only when a node has changed."""
    all_of_them = [each.status for each in members.values()]
    used = sum(each.running_task_slots_count for each in all_of_them)
    serving = sum(each.running_task_slots_count for each in all_of_them if each.state in SERVING)
    there = Counter(
        (CAPACITIES[not node.spec.is_dedicated], node.status.state.value)
        for node in members.values()
        if node.status.state is not None
    )
    return _Nodes({**_NO_NODES, **there}, sum(each.state in SERVING for each in all_of_them), used, serving)


def _slots(nodes: _Nodes, per_node: int) -> dict[str, int]:
    return {"used": nodes.used, "free": max(0, per_node * nodes.serving - nodes.used_serving)}


def _needs_human(s: Snapshot, jobs: Sequence[_Told]) -> Iterator[tuple[str, str]]:
    if s.pool is not None and (reason := needed_for(s.pool.status)):
        yield "pool", reason
    yield from (("job", each.needs_human) for each in jobs if each.needs_human)
