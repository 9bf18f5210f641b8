"""Pods that a node has been given and never began with: a kubelet may forget one over a power loss. Taken away, another takes its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from batchyard.core.actions import Action, Delete
from batchyard.core.facts import NOT_STARTED, NodeFacts, PodFacts
from batchyard.core.snapshot import JobView, Snapshot

FORGOTTEN_SECONDS = 60
"""A kubelet that is up says something about a new Pod within seconds."""


def plan_forgotten(s: Snapshot) -> Iterator[Action]:
    for pod in pods(s):
        moment = forgotten_at(pod, s.nodes)
        if moment is not None and s.now >= moment:
            yield Delete(pod.ref)


def pods(s: Snapshot) -> Iterable[PodFacts]:
    """All whose place is taken by another when they go; wipe Pods have their own rule."""
    yield from s.memory.ask(_pending, s.pods)
    for view in s.jobs:
        yield from _of_job(view)


def _of_job(view: JobView) -> Iterator[PodFacts]:
    yield from view.memory.ask(_pending, view.preparation_pods)
    yield from view.task_pods.others.values()
    yield from view.release_pods.values()


def _pending(pods: Mapping[str, PodFacts]) -> list[PodFacts]:
    return [pod for pod in pods.values() if pod.phase == "Pending"]


def forgotten_at(pod: PodFacts, nodes: Mapping[str, NodeFacts]) -> float | None:
    """The moment (epoch seconds) from which on nobody waits for it; None while its node is away or at work on it."""
    node = nodes.get(pod.node)
    if pod.phase != "Pending" or pod.deleting_since is not None:
        return None
    if not pod.bound:  # nothing of it can have run; the cluster's scheduler will never find the node it asks for
        return pod.created + FORGOTTEN_SECONDS if node is None else None
    if node is None or not node.ready:
        return None
    if any(container != NOT_STARTED for container in pod.containers.values()):
        return None
    return max(pod.created, node.boot_seen) + FORGOTTEN_SECONDS
