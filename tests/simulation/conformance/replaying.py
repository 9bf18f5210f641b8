"""One sequence on both servers: everything they answer and everything a watcher is told has to be the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from batchyard.kube import kinds
from tests.simulation.api.call import Body
from tests.simulation.api.server import ApiServer
from tests.simulation.conformance.comparing import Normal
from tests.simulation.conformance.real_server import RealServer
from tests.simulation.conformance.sequences import END, Sequence
from tests.simulation.conformance.steps import Side, Step

NOW = 1_800_000_000.0


@dataclass(frozen=True)
class Disagreement:
    """What was asked, and what each has said, or has told a watcher."""

    asked: Any
    real: Any
    ours: Any


def replay(sequence: Sequence, real_server: RealServer) -> Disagreement | None:
    server = ApiServer(lambda: NOW)
    real, ours = Side(real_server.handle), Side(server.handle)
    normal, other = Normal(), Normal()
    room = Step("POST", kinds.NAMESPACE.collection(), {}, _namespace(sequence.namespace))
    for step in (room, *sequence.steps, *sequence.ends):
        answers = [normal.answer(each) for each in real.take(step)], [other.answer(each) for each in ours.take(step)]
        if answers[0] != answers[1]:
            return Disagreement((step, real.resolved(step.body)), *answers)
        assert step not in sequence.ends or answers[0][0][0] == 201, answers
    place = f"{kinds.NAMESPACE.collection()}/{sequence.namespace}"
    for kind, selectors in sequence.watched:
        path = kind.collection(sequence.namespace)
        started = [
            {**selectors, "resourceVersion": side.known[place][0]["metadata"]["resourceVersion"]}
            for side in (real, ours)
        ]
        told = [normal.event(event) for event in _until_the_end(real_server.events(path, started[0]))]
        also = [other.event(event) for event in server.watch(path, started[1]).events()]
        if told != also:
            return Disagreement(("watch", path, selectors), told, also)
    return None


def _until_the_end(events: Iterator[Body]) -> Iterator[Body]:
    for event in events:
        yield event
        if event["type"] == "ERROR" or event["object"]["metadata"]["name"] == END:
            return


def _namespace(name: str) -> Body:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
