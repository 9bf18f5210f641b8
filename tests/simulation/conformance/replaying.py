"""One sequence on both servers: everything they answer and everything a watcher is told has to be the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from batchyard.kube import kinds
from tests.simulation.api.call import Body
from tests.simulation.api.server import ApiServer
from tests.simulation.conformance.comparing import Normal
from tests.simulation.conformance.real_server import RealServer
from tests.simulation.conformance.sequences import END, Sequence
from tests.simulation.conformance.steps import FIRST, Ask, Side, Step

NOW = 1_800_000_000.0


@dataclass(frozen=True)
class Disagreement:
    """What was asked, and what each has said, or has told a watcher."""

    asked: Any
    real: Any
    ours: Any


def replay(sequence: Sequence, real_server: RealServer) -> Disagreement | None:
    real, ours = _Party(real_server.handle, real_server.events), _Party.of(ApiServer(lambda: NOW))
    room = Step("POST", kinds.NAMESPACE.collection(), {}, _namespace(sequence.namespace))
    for step in (room, *sequence.steps, *sequence.ends, *_watches(sequence), *sequence.after):
        said, also = real.says(step), ours.says(step)
        if said != also:
            return Disagreement((step, real.side.resolved(step.body)), said, also)
        assert step not in sequence.ends or said[0][0] == 201, said
    return None


def _watches(sequence: Sequence) -> Iterator[Step]:
    """From the making of the namespace on."""
    first = FIRST + kinds.NAMESPACE.object(None, sequence.namespace)
    for kind, selectors in sequence.watched:
        yield Step("WATCH", kind.collection(sequence.namespace), {**selectors, "resourceVersion": first})


class _Party:
    """A server, what it has said so far, and names for what it has named."""

    def __init__(self, ask: Ask, events: Callable[[str, dict[str, str]], Iterator[Body]]) -> None:
        self.side = Side(ask)
        self._events = events
        self._normal = Normal()

    @classmethod
    def of(cls, server: ApiServer) -> Self:
        return cls(server.handle, lambda path, query: server.watch(path, query).events())

    def says(self, step: Step) -> list[Any]:
        if step.method != "WATCH":
            return [self._normal.answer(each) for each in self.side.take(step)]
        events = self._events(step.path, self.side.resolved(dict(step.query)))
        return [self._normal.event(event) for event in _until_the_end(events)]


def _until_the_end(events: Iterator[Body]) -> Iterator[Body]:
    for event in events:
        yield event
        if event["type"] == "ERROR" or event["object"]["metadata"]["name"] == END:
            return


def _namespace(name: str) -> Body:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
