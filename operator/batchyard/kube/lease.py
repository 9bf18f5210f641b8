"""One replica acts. `decide` is the rule (values in, values out), `Elector` applies it to a Lease object.

The write fence: we stop at `deadline` seconds after the start of our last successful renewal, the others wait for
`duration` seconds after they last saw the record change, which is later. What lies between is more than a write takes.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any, NoReturn

from batchyard.kube.client import Client
from batchyard.kube.clock import REAL, Clock
from batchyard.kube.errors import KubeError, NotFound
from batchyard.kube.kinds import LEASE

log = logging.getLogger(__name__)


class LeaseLost(KubeError):  # noqa: N818  reads as what happened
    """We must not write any more. The process has to end: another replica may be acting already."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds."""

    duration: int = 15
    deadline: float = 9
    renew: float = 2
    request: float = 3


@dataclass(frozen=True, slots=True)
class Record:
    """What a Lease says. Its times are compared for change only: other machines' clocks are not to be believed."""

    holder: str = ""
    duration: int = 0
    acquired: str = ""
    renewed: str = ""
    transitions: int = 0

    @classmethod
    def of(cls, lease: dict[str, Any]) -> Record:
        spec = lease.get("spec") or {}
        return cls(
            holder=spec.get("holderIdentity") or "",
            duration=spec.get("leaseDurationSeconds") or 0,
            acquired=spec.get("acquireTime") or "",
            renewed=spec.get("renewTime") or "",
            transitions=spec.get("leaseTransitions") or 0,
        )

    @property
    def spec(self) -> dict[str, Any]:
        return {
            "holderIdentity": self.holder,
            "leaseDurationSeconds": self.duration,
            "acquireTime": self.acquired or None,
            "renewTime": self.renewed or None,
            "leaseTransitions": self.transitions,
        }


@dataclass(frozen=True, slots=True)
class Sighting:
    """A record and the moment, by our own monotonic clock, since when it has not changed."""

    record: Record
    since: float

    def again(self, record: Record, now: float) -> Sighting:
        return self if record == self.record else Sighting(record, now)


class Move(Enum):
    """What one who wants the lease does about what it sees."""

    RENEW = auto()
    TAKE = auto()
    WAIT = auto()


def decide(sighting: Sighting, me: str, now: float, timing: Timing) -> Move:
    """Ours is renewed, a free or dead one is taken, anything else is waited for."""
    record = sighting.record
    if record.holder == me:
        return Move.RENEW
    expired = now - sighting.since >= max(record.duration, timing.duration)
    return Move.TAKE if not record.holder or expired else Move.WAIT


def claim(record: Record, me: str, timing: Timing, stamp: str) -> Record:
    """The record that makes or keeps us the holder."""
    if record.holder == me:
        return replace(record, renewed=stamp, duration=timing.duration)
    return Record(me, timing.duration, acquired=stamp, renewed=stamp, transitions=record.transitions + 1)


class Elector:
    """Its client has neither guard nor pace: a renewal must not wait behind the writes it permits."""

    def __init__(
        self,
        client: Client,
        namespace: str,
        name: str,
        identity: str,
        *,
        timing: Timing = Timing(),
        clock: Clock = REAL,
    ) -> None:
        self.valid_until = float("-inf")
        self._client = client
        self._namespace = namespace
        self._name = name
        self._me = identity
        self._timing = timing
        self._clock = clock
        self._sighting = Sighting(Record(), self._clock.monotonic())

    @property
    def held(self) -> bool:
        return self._clock.monotonic() < self.valid_until

    @property
    def waits(self) -> bool:
        """Another holds the lease, as far as we have seen."""
        return not self.held and self._sighting.record.holder not in ("", self._me)

    def assert_held(self) -> None:
        """The guard of every write."""
        if not self.held:
            raise LeaseLost(f"{self._me} does not hold the lease {self._namespace}/{self._name}")

    async def acquire(self) -> None:
        """Returns once the lease is ours, however long that takes."""
        while True:
            if await self._attempt(self._timing.request):
                log.info("%s holds the lease %s/%s", self._me, self._namespace, self._name)
                return
            await asyncio.sleep(self._timing.renew)

    async def keep(self) -> NoReturn:
        """Renews until it fails for too long or another took over: raises LeaseLost."""
        while True:
            await asyncio.sleep(max(0.0, min(self._timing.renew, self.valid_until - self._clock.monotonic())))
            self.assert_held()
            await self._attempt(min(self._timing.request, self.valid_until - self._clock.monotonic()))
            if self._sighting.record.holder != self._me:
                self.valid_until = float("-inf")
            self.assert_held()

    async def release(self) -> None:
        """Lets the next one in at once. To be called when the last write has ended."""
        held, self.valid_until = self.held, float("-inf")
        if not held:
            return
        try:
            async with asyncio.timeout(self._timing.request):
                lease = await self._client.get(LEASE, self._namespace, self._name)
                record = Record.of(lease)
                if record.holder == self._me:
                    await self._write(lease, replace(record, holder="", renewed=self._stamp()))
        except (KubeError, TimeoutError) as error:
            log.warning("the lease was not released and expires by itself: %s", error)

    async def _attempt(self, seconds: float) -> bool:
        """One look at the lease and, if the rule says so, one claim. True if it is ours from the start of this on."""
        started = self._clock.monotonic()
        try:
            async with asyncio.timeout(seconds):
                ours = await self._look_and_claim()
        except (KubeError, TimeoutError) as error:
            log.warning("lease %s/%s: %s", self._namespace, self._name, str(error) or "no answer in time")
            return False
        if ours:
            self.valid_until = started + self._timing.deadline
        return ours

    async def _look_and_claim(self) -> bool:
        lease = await self._read()
        record = Record.of(lease) if lease else Record()
        self._sighting = self._sighting.again(record, self._clock.monotonic())
        if decide(self._sighting, self._me, self._clock.monotonic(), self._timing) is Move.WAIT:
            return False
        wanted = claim(record, self._me, self._timing, self._stamp())
        written = await (self._write(lease, wanted) if lease else self._create(wanted))
        self._sighting = Sighting(Record.of(written), self._clock.monotonic())
        return True

    async def _read(self) -> dict[str, Any] | None:
        try:
            return await self._client.get(LEASE, self._namespace, self._name)
        except NotFound:
            return None

    async def _create(self, record: Record) -> dict[str, Any]:
        body = {"apiVersion": LEASE.api_version, "kind": LEASE.kind, "metadata": {"name": self._name}}
        return await self._client.create(LEASE, self._namespace, {**body, "spec": record.spec})

    async def _write(self, lease: dict[str, Any], record: Record) -> dict[str, Any]:
        body = {"metadata": {"resourceVersion": lease["metadata"]["resourceVersion"]}, "spec": record.spec}
        return await self._client.merge_patch(LEASE, self._namespace, self._name, body)

    def _stamp(self) -> str:
        return datetime.fromtimestamp(self._clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
