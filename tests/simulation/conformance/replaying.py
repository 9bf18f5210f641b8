"""One sequence on both servers: everything they answer and everything a watcher is told has to be the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from batchyard.kube import kinds
from tests.simulation.api.call import Body, Response
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
    both = Both.new(real_server)
    room = Step("POST", kinds.NAMESPACE.collection(), {}, namespace(sequence.namespace))
    return both.differ((room, *sequence.steps, *sequence.ends, *_watches(sequence), *sequence.after), sequence.ends)


class Both:
    """A real server and one of ours that are asked the same."""

    def __init__(self, real: _Party, api: ApiServer) -> None:
        self._real = real
        self._api = api
        self._ours = _Party.of(api)

    @classmethod
    def new(cls, server: RealServer) -> Self:
        return cls(_Party(server.handle, server.events), ApiServer(lambda: NOW))

    def differ(self, steps: Iterable[Step], ends: Collection[Step] = ()) -> Disagreement | None:
        """At the first step that they do not answer alike."""
        for step in steps:
            said, also = self._real.says(step), self._ours.says(step)
            if said != also:
                return Disagreement((step, self._real.side.resolved(step.body)), said, also)
            assert step not in ends or said[0][0] == 201, said
        return None

    def agree(self, steps: Iterable[Step]) -> bool:
        """Whether their codes are the same."""
        return all(_codes(self._real.side.take(step)) == _codes(self._ours.side.take(step)) for step in steps)

    def rest(self) -> ApiServer:
        """Ours, once its garbage is collected and its ending namespaces are empty."""
        while self._api.collect_garbage() or self._api.end_namespaces():
            pass
        return self._api

    def forget(self, server: RealServer) -> None:
        """Ours forgets what was; in place of the real one there is one that has been started since."""
        self._api.compact(self._api.version)
        self._real.ask_instead(server)


def _codes(answers: Iterable[Response]) -> list[int]:
    return [each.code for each in answers]


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

    def ask_instead(self, server: RealServer) -> None:
        self.side.ask, self._events = server.handle, server.events

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


def namespace(name: str) -> Body:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
