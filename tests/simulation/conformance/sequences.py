"""Sequences of calls, the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from batchyard.kube import kinds
from batchyard.kube.kinds import Kind
from tests.simulation.conformance.contents import LABELS, OURS, content_of, object_of, selectors
from tests.simulation.conformance.inventing import NAMES, Inventor
from tests.simulation.conformance.steps import Step

KINDS = (*OURS, kinds.POD, kinds.POD, kinds.DAEMON_SET, kinds.DAEMON_SET, kinds.LEASE, kinds.EVENT)
END = "the-end"
"""The last object of each kind."""
LONGEST = 14


@dataclass(frozen=True)
class Sequence:
    namespace: str
    steps: list[Step]
    watched: list[tuple[Kind, dict[str, str]]]
    ends: list[Step]
    after: list[Step]
    """What happens when the watches are over: the end of the namespace."""


def sequence(seed: int) -> Sequence:
    chance = Random(seed)
    namespace = f"s{seed}"
    subjects = chance.sample(KINDS, chance.choice([1, 1, 2]))
    inventor = Inventor(chance, namespace, subjects)
    steps = [inventor.create(name) for name in NAMES[: chance.randint(0, 2)]]
    steps += [inventor.any() for _ in range(chance.randint(3, LONGEST))]
    watched = [(kind, selectors(chance, kind)) for kind in dict.fromkeys(subjects)]
    ends = [_end(chance, kind, namespace) for kind, _ in watched]
    for node_step in inventor.about_a_node() if chance.random() < 0.3 else ():
        steps.insert(chance.randint(0, len(steps)), node_step)
    return Sequence(namespace, steps, watched, ends, inventor.about_the_namespace() if chance.random() < 0.3 else [])


def _end(chance: Random, kind: Kind, namespace: str) -> Step:
    body = object_of(kind, END, content_of(chance, kind, namespace, 0, 0), LABELS, {})
    return Step("POST", kind.collection(namespace), {}, body)
