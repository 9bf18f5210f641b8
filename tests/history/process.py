"""What a process did on a node: the ground truth that all rules are judged by, in simulations and on real clusters alike."""

from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import override


class Step(StrEnum):
    START = "start task"
    PREPARATION = "preparation"
    TASK = "task"
    RELEASE = "release"
    WIPE = "wipe"


@dataclass(frozen=True, slots=True)
class Place:
    """A pool's directory on one machine."""

    pool: str
    node: str
    machine: str = ""
    """Tells machines under one name apart, as the UID of the Node object or a mark on the disk does."""

    @override
    def __str__(self) -> str:
        return f"{self.node} (pool {self.pool})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One run of one command. Preparation that is tried again in place is several."""

    step: Step
    place: Place
    boot: str = ""
    """Changes with every boot of the machine, and when a user asks for a reboot."""
    job: str = ""
    """What tells jobs apart, also of one name; empty for a start task, and for a wipe of the pool's whole directory."""
    task: str = ""
    """The id of the task, preparation or release."""
    attempt: int = 0
    key: str = ""
    """Under which a final failure of it is remembered on its node, as far as somebody noted that: another Pod has another."""
    start: float
    end: float
    """When it ended, or the last moment at which it is known to have lived."""
    exit_code: int | None = 0
    """Its own; None when it was cut off, by a stop or by the loss of its node, or still lives."""

    @property
    def node(self) -> str:
        return self.place.node

    @property
    def succeeded(self) -> bool:
        return self.exit_code == 0

    @property
    def failed(self) -> bool:
        """By itself: what was cut off has not failed."""
        return bool(self.exit_code)

    def overlaps(self, other: "Process") -> bool:
        return self.start < other.end and other.start < self.end

    @override
    def __str__(self) -> str:
        what = f"task {self.task}, attempt {self.attempt}" if self.step is Step.TASK else str(self.step)
        of = f" of job {self.job}" if self.job else ""
        code = "cut off" if self.exit_code is None else f"exit code {self.exit_code}"
        return f"{what}{of} on {self.place}, {self.start:.2f} to {self.end:.2f} ({code})"
