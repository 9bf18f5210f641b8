"""Pods of tasks that are over are kept for a while, so that `kubectl logs` works; how long and how many are the operator's settings."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import islice

from batchyard.core.actions import Action, Delete
from batchyard.core.facts import PodFacts
from batchyard.core.snapshot import Rules, Snapshot


def plan_kept(s: Snapshot) -> Iterator[Action]:
    """Those that ended first go first, when their time is over or there are too many. Looks at no more than go."""
    too_many = sum(len(view.kept_pods) for view in s.jobs) - s.rules.keep_pods_per_pool
    for place, pod in enumerate(merge(*(view.kept_pods for view in s.jobs), key=_end)):
        if place >= too_many and s.now < kept_until(pod, s.rules):
            return
        yield Delete(pod.ref)


def kept_until(pod: PodFacts, rules: Rules) -> float:
    return pod.finished + rules.keep_pods_seconds


def next_end(s: Snapshot) -> Iterator[float]:
    """When the first of each job's has been kept long enough (epoch seconds)."""
    return (kept_until(pod, s.rules) for view in s.jobs for pod in islice(view.kept_pods, 1))


def _end(pod: PodFacts) -> tuple[float, str]:
    return pod.finished, pod.ref.uid
