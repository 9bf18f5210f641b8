"""Wipe Pods that did not do it: when one is given up so that another can begin. A wipe may be done twice, so that is always safe."""

from __future__ import annotations

from collections.abc import Iterator

from batchyard.core.actions import Action, Delete, Emit, Ref
from batchyard.core.facts import PodFacts
from batchyard.core.pods.wipe import WIPE

AGAIN_SECONDS = 30
STUCK_SECONDS = 120
"""A Pod bound just before its node lost power may stay Pending for ever."""


def given_up_at(pod: PodFacts) -> float | None:
    """The moment (epoch seconds) from which on this Pod is not waited for; None while it is at work."""
    match pod.phase:
        case "Failed":
            return pod.created + AGAIN_SECONDS
        case "Pending":
            return pod.created + STUCK_SECONDS
        case _:
            return None


def begin_anew(about: Ref, pod: PodFacts, *, now: float) -> Iterator[Action]:
    """Takes a Pod away that failed or never started; the next pass makes another."""
    moment = given_up_at(pod)
    if moment is None or now < moment or pod.deleting_since is not None:
        return
    yield Delete(pod.ref)
    if pod.phase == "Failed":
        end = pod.container(WIPE).terminated
        why = end.message if end else pod.reason
        yield Emit(about, "Warning", "CleanupFailed", f"on node {pod.node}: {why}; tried again")
