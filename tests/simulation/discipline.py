"""How one operator may write, whatever it wants by it: the rules S18 to S21, asked of every call before anything can go wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from typing_extensions import override

from batchyard.api import names
from batchyard.kube import kinds
from batchyard.kube.request import Request
from batchyard.kube.wire import Answer
from tests.simulation.cluster.placing import named_nodes
from tests.simulation.looks import Looks
from tests.simulation.network import Fate, Overheard, Weather
from tests.simulation.tenancy import Pools, beyond_tenancy, job_of

LARGEST_BODY, LARGEST_ANNOTATIONS = 512 * 1024, 128 * 1024
RUNNING = (names.COMPONENT_TASK, names.COMPONENT_PREPARATION)
MUST_NOT_RUN = {names.COMPONENT_RELEASE: RUNNING, names.COMPONENT_WIPE: (*RUNNING, names.COMPONENT_RELEASE)}
"""Where that is made."""
Raw = Mapping[str, Any]


class Discipline:
    def __init__(self, now: Callable[[], float], operator_namespace: str, pools: Pools) -> None:
        self._own = operator_namespace
        self._pools = pools
        self._looks = Looks(now)
        self.complaints: list[str] = []

    def sends(self, call: Request) -> None:
        if call.writes:
            body = orjson.loads(call.body or b"{}")
            self.complaints += [f"{each}: {call.verb} {call.path}" for each in self._wrong(call, body)]

    def hears(self, call: Request, answer: Answer) -> None:
        self._looks.answered(call, answer)

    def _wrong(self, call: Request, body: Raw) -> Iterator[str]:
        meta = body.get("metadata") or {}
        yield from _unconditional(call, body, meta)
        if len(call.body or b"") > LARGEST_BODY or len(orjson.dumps(meta.get("annotations"))) > LARGEST_ANNOTATIONS:
            yield "S20: it is too large"
        if call.verb == "create" and call.kind is kinds.POD:
            if not self._has_looked(body):
                yield "S19: nobody looked just now, and saw that nothing of the job runs there, before it is left"
            yield from beyond_tenancy(body["spec"], meta, self._own, self._pools)
        if call.kind is kinds.DAEMON_SET and call.verb == "apply":
            yield from beyond_tenancy(body["spec"]["template"]["spec"], meta, self._own, self._pools)

    def _has_looked(self, pod: Raw) -> bool:
        """A wipe of a whole pool is of no job: those are gone from there, each after a look of its own."""
        meta, job = pod["metadata"], job_of(pod["spec"])
        others = MUST_NOT_RUN.get(meta["labels"][names.LABEL_COMPONENT])
        if others is None or not job:
            return True
        namespace = meta["labels"].get(names.LABEL_NAMESPACE, meta["namespace"])
        return all(self._looks.clear(namespace, job, node, others) for node in named_nodes(pod["spec"]))


class Disciplined(Overheard):
    """The weather of one operator, with an ear at all that it sends and hears."""

    def __init__(self, weather: Weather, discipline: Discipline) -> None:
        super().__init__(weather)
        self._discipline = discipline

    @override
    def fate(self, call: Request) -> Fate:
        self._discipline.sends(call)
        return super().fate(call)

    @override
    def answered(self, call: Request, answer: Answer) -> None:
        self._discipline.hears(call, answer)
        super().answered(call, answer)


def _unconditional(call: Request, body: Raw, meta: Raw) -> Iterator[str]:
    match call.verb:
        case "create" | "apply":
            named = bool(meta.get("name")) and "generateName" not in meta
        case "patch":
            named = "resourceVersion" in meta and (call.kind is kinds.LEASE or "uid" in meta)
        case _:
            named = call.verb == "delete" and "uid" in (body.get("preconditions") or {})
    if not named:
        yield "S18: it would be done to whatever has that name now"
