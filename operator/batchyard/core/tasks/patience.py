"""How long a container may run, or fail to start, before that is written down. Rules and wakes ask for the same moments."""

from __future__ import annotations

from batchyard.core.facts import PodFacts
from batchyard.core.snapshot import Rules
from batchyard.core.tasks.verdicts import image_trouble

LASTING_SECONDS = 3
"""A task that ends sooner is never written as running: one write less for each. Kubelets tell of an end up to 2 s late."""


def lasts_from(pod: PodFacts, container: str) -> float | None:
    found = pod.containers.get(container)
    return None if found is None or found.running_since is None else found.running_since + LASTING_SECONDS


def hopeless_from(pod: PodFacts, container: str, rules: Rules) -> float | None:
    """From then on nobody waits for its image."""
    return pod.created + rules.image_pull_deadline if image_trouble(pod, container) else None


def over(moment: float | None, now: float) -> bool:
    return moment is not None and now >= moment
