"""What is to be counted when the end or the start of a task's attempt is written. Reads what is written, decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from batchyard.core.facts import TaskFacts
from batchyard.core.happenings import Happening, What, between, code
from batchyard.core.times import epoch
from batchyard.node.protocol import RunResult

_AGAIN: tuple[tuple[What, str], ...] = (("retry", "retryCount"), ("requeue", "requeueCount"))


def at_end(task: TaskFacts, status: Mapping[str, Any], result: RunResult | None = None) -> tuple[Happening, ...]:
    """`status` is what the task is given for it, `result` how the attempt ended as far as that is known."""
    return (*_outcome(status), *_spans(task, result)) if result is not None else (*_outcome(status),)


def at_start(task: TaskFacts, since: float) -> tuple[Happening, ...]:
    """It is written down as running. Of a range only the whole is: each integer says at its end how long it waited."""
    return (*_waited(task, since),) if task.index is None else ()


def _outcome(status: Mapping[str, Any]) -> Iterator[Happening]:
    info = status["executionInfo"]
    if status["state"] == "completed":
        yield Happening("task", info["result"], code(info))
        return
    yield from (Happening(what) for what, counter in _AGAIN if counter in info)
    if "recoveryCount" in status:
        yield Happening("recovery")


def _spans(task: TaskFacts, result: RunResult) -> Iterator[Happening]:
    start = epoch(result.start_time)
    if start is None:
        return
    if (seconds := between(start, epoch(result.end_time))) is not None:
        yield Happening("run", seconds=seconds)
    if task.state != "running" or task.index is not None:  # else it was told when that was written
        yield from _waited(task, start)


def _waited(task: TaskFacts, start: float) -> Iterator[Happening]:
    """From its creation to its first start. One that waits for other tasks would say nothing about the pool."""
    if task.attempt == 0 and not (task.depends_on or task.depends_on_ranges):
        yield Happening("wait", seconds=between(task.order[0], start))
