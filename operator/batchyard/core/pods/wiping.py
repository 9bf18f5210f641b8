"""The steps of a wipe, whatever is wiped: its Pod is made, waited for, and begun anew when it did not do it. A wipe may be done twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from batchyard.core.actions import Action, Create, Delete, Emit, Ref
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


def step(about: Ref, pod: PodFacts | None, make: Create, done: Iterable[Action], *, now: float) -> Iterator[Action]:
    """The next one; `done` is what follows its success. A Pod of another wipe of the same node goes first."""
    if pod is None:
        yield make
    elif pod.ref.name != make.manifest["metadata"]["name"]:
        return
    elif pod.phase == "Succeeded":
        yield from done
    else:
        yield from begin_anew(about, pod, now=now)


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
