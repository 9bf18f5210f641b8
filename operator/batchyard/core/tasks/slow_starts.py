"""Containers that a kubelet has accepted and never brings up, for example because a volume cannot be mounted. Answers one question."""

from __future__ import annotations

from batchyard.core.facts import PodFacts

GIVE_UP_SECONDS = 1800
"""Large images take long to pull, and a kubelet says of a pull only that it creates the container."""
CREATING = frozenset({"ContainerCreating", "PodInitializing"})


def given_up_at(pod: PodFacts) -> float | None:
    """The moment (epoch seconds) from which on nobody waits for it; its slot is then given to another try, as a recovery."""
    if pod.phase != "Pending" or not pod.bound or pod.deleting_since is not None:
        return None
    creating = any(container.waiting_reason in CREATING for container in pod.containers.values())
    return pod.created + GIVE_UP_SECONDS if creating else None
