"""What processes did on the nodes, from lines that they write themselves: the ground truth of the tests."""

from collections.abc import Iterator
from dataclasses import dataclass

_WRITE = (
    'echo "$AZ_BATCH_JOB_ID $AZ_BATCH_TASK_ID {} $(cut -d" " -f1 /proc/uptime)" >> "$AZ_BATCH_NODE_SHARED_DIR/trace"'
)


@dataclass(frozen=True, order=True)
class Event:
    at: float
    """Seconds since the machine started; one clock for all simulated nodes."""
    node: str
    job: str
    task: str
    what: str


@dataclass(frozen=True)
class Run:
    node: str
    job: str
    task: str
    start: float
    end: float | None


def traced(body: str = "true") -> str:
    """A command line that writes when it starts and ends around a piece of shell without single quotes."""
    begin, end = _WRITE.format("start"), _WRITE.format("end")
    return f"/bin/sh -c '{begin}; ({body}); code=$?; {end}; exit $code'"


def parse(node: str, text: str) -> Iterator[Event]:
    for line in text.splitlines():
        job, task, what, at = line.split()
        yield Event(float(at), node, job, task, what)


def runs(events: list[Event]) -> list[Run]:
    """Starts with their ends; a start without an end was cut off."""
    found: list[Run] = []
    for index, event in enumerate(events):
        if event.what != "start":
            continue
        later = (e for e in events[index + 1 :] if (e.node, e.job, e.task) == (event.node, event.job, event.task))
        following = next(later, None)
        end = following.at if following is not None and following.what == "end" else None
        found.append(Run(event.node, event.job, event.task, event.at, end))
    return found
