"""One simulated life of a cluster and the operators that follow each other in it: from a workload's first act to quiet."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from typing_extensions import override

from batchyard.core.snapshot import Rules
from batchyard.kube import kinds
from batchyard.kube.request import Request
from batchyard.settings import Settings
from tests.history.checker import violations
from tests.history.history import History
from tests.history.liveness import counted, released_where_owed
from tests.simulation import virtual_time
from tests.simulation.api.server import ApiServer
from tests.simulation.cluster.cluster import Cluster
from tests.simulation.cluster.machine import Trace
from tests.simulation.discipline import Discipline, Disciplined
from tests.simulation.hub import Hub
from tests.simulation.leftovers import leftovers
from tests.simulation.network import Fate, Overheard, Weather
from tests.simulation.one_writer import OneWriter
from tests.simulation.operator_process import live
from tests.simulation.sights import Sights
from tests.simulation.tape import Tape
from tests.simulation.user import NAMESPACE, PATIENCE_SECONDS, Never, User
from tests.simulation.virtual_time import EPOCH, VirtualLoop

OPERATOR_NAMESPACE = "batchyard"
PROMPT_SECONDS = 250.0
"""As long as nothing goes wrong nobody waits for the operator's safety net, a pass every five minutes (handlers/loops.py)."""
QUIET_SECONDS = 600.0
"""L1: for so long nothing is written once there is nothing to do."""
RESTLESS_SECONDS = 2 * 3600.0
MOST_WRITES = 3000
RESTART_SECONDS = 2.0
SETTINGS = Settings(
    rules=Rules(
        namespace=OPERATOR_NAMESPACE, image="batchyard.test/operator:1", keep_pods_seconds=20, image_pull_deadline=60
    ),
    identity="simulated",
    lease_name="batchyard",
    watch_namespaces=(),
    log_level="CRITICAL",
    log_format="json",
    metrics_port=0,
    metrics_max_pools=500,
    health_port=0,
)

Script = Callable[[User], Awaitable[None]]


class Restless(Never):
    """Writes without end (L1)."""


class Skies(Weather, Protocol):
    """Weather that hears of every write, and that clears up for good."""

    def clear_up(self) -> None: ...


@dataclass
class Result:
    """`outcomes` is what must be the same whatever went wrong; `complaints` are the rules that were broken."""

    complaints: list[str]
    outcomes: dict[str, Any]
    writes: list[str]
    trace: str
    history: History
    seconds: float = 0
    taken: list[tuple[str, int]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """What nodes would not begin: the operator has given it to one that was not ready."""


class Simulation(Overheard):
    def __init__(
        self,
        loop: VirtualLoop,
        tape: Tape,
        skies: Skies,
        *,
        leased: bool = False,
        quiet_seconds: float = QUIET_SECONDS,
        calm: bool = False,
        strangers: tuple[str, ...] = (),
    ) -> None:
        """Where it is `calm` nothing goes wrong, and all is done in good time. What `strangers` have made is not judged."""
        super().__init__(skies)
        self.loop = loop
        self.tape = tape
        self.skies = skies
        self.hub = Hub(ApiServer(lambda: EPOCH + loop.time()))
        self.trace = Trace(loop.time)
        self.cluster = Cluster(self.hub, tape, self.trace)
        self.sights = Sights(self.cluster, SETTINGS.rules.max_recoveries, strangers)
        self.user = User(self.cluster, PROMPT_SECONDS if calm else PATIENCE_SECONDS)
        self.disciplines: list[Discipline] = []
        """One for each operator that has lived."""
        self.writes: list[str] = []
        self.usurped: list[str] = []
        """Writes without the lease."""
        self.last_write = 0.0
        self._leased = leased
        self._quiet_seconds = quiet_seconds
        self._lives = 0
        self._wires: list[OneWriter] = []

    def second_operator(self, seconds: float) -> None:
        """Another one waits for the lease of the first, and has it for a while if that one loses it."""
        life = self.loop.create_task(self._live())
        self.loop.call_later(seconds, life.cancel)

    def cut_off(self, seconds: float) -> None:
        """Nothing that the leader sends arrives, nor any answer."""
        for wire in self._wires:
            if wire.me == self.holder():
                wire.cut_until = self.loop.time() + seconds

    async def play(self, script: Script) -> Result:
        random.seed(self.tape.seed)  # the operator throws dice too, when it waits (kube/backoff.py)
        for namespace in (OPERATOR_NAMESPACE, NAMESPACE):
            self.user.add_namespace(namespace)
        for name in ("node1", "node2"):
            self.cluster.nodes.add(name)
        operator = self.loop.create_task(self._operate())
        complaints: list[str] = []
        try:
            await _first(operator, self._act(script))
        except* Never as nevers:
            complaints += [f"{'L1' if isinstance(each, Restless) else 'L2'}: {each}" for each in _single(nevers)]
        history = self.history()
        complaints += [*violations(history), *(each for one in self.disciplines for each in one.complaints)]
        complaints += [f"S18: {each}" for each in self.usurped[:1]]
        complaints += [f"L8: {each}" for each in released_where_owed(history)]
        complaints += [f"S14: {each}" for each in counted(history)]
        complaints += leftovers(self.hub.known)
        return Result(
            complaints,
            self.outcomes(),
            self.writes,
            self._digest(),
            history,
            self.loop.time(),
            self.tape.taken,
            self.trace.refused,
        )

    async def _act(self, script: Script) -> None:
        await script(self.user)
        self.skies.clear_up()
        await self._quiet()

    async def _quiet(self) -> None:
        began = self.loop.time()
        while (rest := self.last_write + self._quiet_seconds - self.loop.time()) > 0:
            if self.loop.time() - began > RESTLESS_SECONDS:
                raise Restless(f"quiet; last {self.writes[-3:]}")
            await asyncio.sleep(rest)

    async def _operate(self) -> None:
        while True:
            await self._live()
            await asyncio.sleep(RESTART_SECONDS)

    async def _live(self) -> None:
        self._lives += 1
        settings = replace(SETTINGS, identity=f"operator-{self._lives}")
        discipline = Discipline(self.loop.time, OPERATOR_NAMESPACE, self.sights.pools_called)
        self.disciplines.append(discipline)
        weather = Disciplined(self, discipline)
        if not self._leased:
            return await live(settings, self.hub, weather)
        told = self.usurped.append
        wire = OneWriter(weather, settings.identity, now=self.loop.time, holder=self.holder, tell=told)
        self._wires.append(wire)
        return await live(settings, self.hub, wire, leased=True)

    def holder(self) -> str:
        lease = self.hub.get(kinds.LEASE, OPERATOR_NAMESPACE, SETTINGS.lease_name) or {}
        return str((lease.get("spec") or {}).get("holderIdentity") or "")

    # Weather: passed on, with every write noted.

    @override
    def fate(self, call: Request) -> Fate:
        if call.writes and call.kind is not kinds.LEASE:
            self.last_write = self.loop.time()
            self.writes.append(f"{call.verb} {call.path}")
            if len(self.writes) > MOST_WRITES:
                raise Restless(f"an end of writing; last {self.writes[-5:]}")
        return super().fate(call)

    # What came of it.

    def history(self) -> History:
        seen = (*self.sights.seen, *self.cluster.nodes.losses, *self.trace.unremembered)
        return History(self.sights.terms(), self.sights.judged(self.trace.processes), seen)

    def outcomes(self) -> dict[str, Any]:
        """How tasks and jobs ended, and what is left in the API and on the disks."""
        ours = (kinds.BATCH_POOL, kinds.BATCH_JOB, kinds.BATCH_TASK, kinds.BATCH_JOB_NODE)
        left = [f"{kind.kind} {name}" for kind in ours for _, name in sorted(self.hub.known[kind.kind])]
        pods = sorted(
            (item["metadata"].get("labels") or {}).get("app.kubernetes.io/component", "")
            for item in self.hub.known["Pod"].values()
        )
        return {
            "tasks": sorted(_task(item) for item in self.sights.tasks.values()),
            "jobs": sorted(_job(item) for item in self.sights.jobs.values()),
            "left": left,
            "pods": pods,
        }

    def _digest(self) -> str:
        told = hashlib.sha256()
        for line in (*self.writes, *map(repr, self.trace.processes), *map(repr, self.sights.seen)):
            told.update(line.encode())
        return told.hexdigest()


def _task(item: Any) -> tuple[str, ...]:
    status = item.get("status") or {}
    info = status.get("executionInfo") or {}
    words = (
        item["metadata"]["name"],
        status.get("state"),
        info.get("result"),
        info.get("exitCode"),
        info.get("retryCount"),
    )
    return tuple(map(str, words))


def _job(item: Any) -> tuple[str, ...]:
    status = item.get("status") or {}
    info = status.get("executionInfo") or {}
    return item["metadata"]["name"], str(status.get("state")), str(info.get("terminateReason"))


def _single(group: BaseExceptionGroup[Never]) -> Iterator[Never]:
    for each in group.exceptions:
        if isinstance(each, BaseExceptionGroup):
            yield from _single(each)
        else:
            yield each


async def _first(operator: asyncio.Task[None], work: Awaitable[None]) -> None:
    """Until the work is done; the operator never ends by itself, and raises what would have ended it."""
    doing = asyncio.ensure_future(work)
    await asyncio.wait({operator, doing}, return_when=asyncio.FIRST_COMPLETED)
    if operator.done():
        doing.cancel()
        operator.result()
    doing.result()


def simulate(script: Script, tape: Tape, skies: Callable[[VirtualLoop], Skies], *, calm: bool = False) -> Result:
    loop = VirtualLoop()

    async def main() -> Result:
        return await Simulation(loop, tape, skies(loop), calm=calm).play(script)

    return virtual_time.run(main(), loop)
