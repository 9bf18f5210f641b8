"""A machine: its boots, its disk, and the processes on it. What is noted here is the ground truth; the API server knows nothing of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.history.process import Place, Process, Step
from tests.history.seen import Unremembered
from tests.simulation.cluster.disk import Disk


@dataclass
class Running:
    """A process while it lives."""

    step: Step
    pool: str
    job: str = ""
    task: str = ""
    attempt: int = 0
    key: str = ""
    start: float = 0
    exit_code: int | None = None
    """Stays None for what is cut off."""


@dataclass
class Trace:
    """What ran where and when, on all machines."""

    now: Callable[[], float]
    processes: list[Process] = field(default_factory=list)
    live: dict[int, tuple[Machine, Running]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    """Tasks that a node would not begin, because it was not ready for them."""
    unremembered: list[Unremembered] = field(default_factory=list)
    runs: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """How often each command has been started: its exit code may depend on that."""


@dataclass
class Machine:
    """`uid` is its Node's; a machine that registers anew under the name has another."""

    name: str
    trace: Trace
    uid: str = ""
    boots: int = 1
    asked_boots: Counter[str] = field(default_factory=Counter)
    """How often a pool's marks of the present boot were wiped at its users' wish."""
    disk: Disk = field(default_factory=Disk)
    begun: dict[str, set[str]] = field(default_factory=dict)
    """Containers by Pod UID that the runtime has ever started: on its disk, so that it knows them after a reboot."""
    kubelet: Any = None
    """The one of the present boot."""
    remnants: set[str] = field(default_factory=set)
    """Jobs that left something on the disk when the machine was another Node: nobody answers for that."""
    forgets: float = 0
    """How often its runtime does not know after a boot what it had started before."""
    up: bool = True
    connected: bool = True

    @property
    def boot_id(self) -> str:
        return f"{self.name}-boot{self.boots}"

    def boot_of(self, pool: str) -> str:
        return f"{self.boot_id}.{self.asked_boots[pool]}"

    @contextmanager
    def process(self, running: Running) -> Iterator[Running]:
        """Lives as long as the block, and may set its exit code in it."""
        running.start = self.trace.now()
        place, boot = Place(running.pool, self.name, self.uid), self.boot_of(running.pool)
        self.trace.live[id(running)] = self, running
        try:
            yield running
        finally:
            del self.trace.live[id(running)]
            self.trace.processes.append(self.noted(running, place, boot))

    def noted(self, running: Running, place: Place, boot: str) -> Process:
        return Process(
            step=running.step,
            place=place,
            boot=boot,
            job=running.job,
            task=running.task,
            attempt=running.attempt,
            key=running.key,
            start=running.start,
            end=self.trace.now(),
            exit_code=running.exit_code,
        )
