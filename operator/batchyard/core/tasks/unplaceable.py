"""Pods for which a node has no room although it has slots: requests for CPU, memory or devices that others have taken.

Slots only count (Azure 1.3). Such a Pod is told, gives its slot back after a minute and goes elsewhere, or comes again later. No
counter moves: neither the task nor the cluster has failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from batchyard.core.actions import Action, Delete
from batchyard.core.conditions import Observed, merge
from batchyard.core.facts import PodFacts, TaskFacts
from batchyard.core.tasks.outcomes import again
from batchyard.core.tasks.telling import tell
from batchyard.core.times import stamp

TELL_SECONDS = 5
GIVE_UP_SECONDS = 60
AVOID_SECONDS = 600
PLACED = "Placed"


def waits(pod: PodFacts) -> bool:
    """The cluster's scheduler has said that it fits nowhere, and it is still asked for."""
    return bool(pod.unplaceable) and not pod.bound and pod.phase == "Pending"


def plan(task: TaskFacts, pod: PodFacts, now: float) -> Iterator[Action]:
    """First the user is told, in the scheduler's words; then the Pod is taken away, and what it leaves is for `given_back`."""
    if now - pod.created >= GIVE_UP_SECONDS:
        yield Delete(pod.ref)
    elif now - pod.created >= TELL_SECONDS and not _told(task):
        message = f"node {pod.node}: {pod.unplaceable}; tried elsewhere after {GIVE_UP_SECONDS} s"
        yield tell(task, {"conditions": _said(task, message, now)}, now)


def gave_up(pod: PodFacts) -> bool:
    """It was taken away and never came to a node: no process of it has ever run."""
    return bool(pod.unplaceable) and not pod.bound and pod.deleting_since is not None


def given_back(task: TaskFacts, pod: PodFacts, now: float) -> Action:
    """Back to the queue, for another node than this for a while; the next attempt's number is durable before its Pod can be."""
    message = f"node {pod.node}: {pod.unplaceable}; another is tried, this one again after {AVOID_SECONDS // 60} min"
    failure = {"nodeId": pod.node, "time": stamp(now)}
    told = {"placementFailure": failure, "conditions": _said(task, message, now)}
    return tell(task, {**again(task, {}), **told}, now)


def cleared(task: TaskFacts, now: float) -> dict[str, Any]:
    """What a later run adds to its status: what was said is over."""
    if not _told(task):
        return {}
    over = Observed(PLACED, status=True, reason="Placed")
    return {"conditions": merge(task.conditions, [over], now=now, generation=task.generation), "placementFailure": None}


def past(line: Iterable[TaskFacts], now: float) -> Iterator[TaskFacts]:
    """The tasks, without what they need not avoid any more."""
    for task in line:
        yield replace(task, avoids="") if task.avoids and now >= avoided_until(task) else task


def avoided_until(task: TaskFacts) -> float:
    return task.avoids_since + AVOID_SECONDS


def moments(pod: PodFacts) -> Iterator[float]:
    """When time alone changes what is done about it (epoch seconds)."""
    if waits(pod):
        yield pod.created + TELL_SECONDS
        yield pod.created + GIVE_UP_SECONDS


def _told(task: TaskFacts) -> bool:
    return any(c["type"] == PLACED and c["status"] == "False" for c in task.conditions)


def _said(task: TaskFacts, message: str, now: float) -> list[dict[str, Any]]:
    said = Observed(PLACED, status=False, reason="Unschedulable", message=message)
    return merge(task.conditions, [said], now=now, generation=task.generation)
