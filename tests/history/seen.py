"""What somebody saw in the API or on a disk, and when. A sight that comes late is still true; one that is missing proves nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.history.process import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSeen:
    """The status of a BatchTask."""

    at: float
    job: str
    task: str
    state: str
    attempt: int = 0
    result: str = ""
    exit_code: int | None = None
    retries: int = 0
    reactivations: int = 0
    uncharged: int = 0
    """Attempts that were taken away and do not count as retries: requeues and recoveries."""
    recoveries: int = 0
    """Those of them that nobody has asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskThere:
    """A BatchTask is in the API, or one of the tasks of a range. Once for each."""

    at: float
    job: str
    task: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskGone:
    """It was deleted."""

    at: float
    job: str
    task: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSeen:
    """The status of a BatchJob."""

    at: float
    job: str
    state: str
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobGone:
    """The BatchJob is not in the API any more."""

    at: float
    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSeen:
    """A BatchJobNode is there."""

    at: float
    job: str
    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskGiven:
    """A Pod of one of the job's tasks was given to the node, or was about to be: whether or not a process came of it."""

    at: float
    job: str
    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOnDisk:
    """A directory or a mark of the job is on a disk, or without a job, the directory of a pool that the machine has left."""

    at: float
    job: str = ""
    place: Place
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A boot of a machine has ended, or with an empty boot the machine for good: nothing of it runs from then on."""

    at: float
    node: str
    machine: str = ""
    boot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceEnds:
    """That of the jobs is being deleted: no Pod can be made in it any more."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unremembered:
    """A release had succeeded, and its container was killed or its machine lost before that was on the disk: nobody knows."""

    at: float
    job: str
    place: Place


Seen = (
    TaskSeen
    | TaskThere
    | TaskGone
    | JobSeen
    | JobGone
    | RecordSeen
    | TaskGiven
    | LeftOnDisk
    | Lost
    | NamespaceEnds
    | Unremembered
)
