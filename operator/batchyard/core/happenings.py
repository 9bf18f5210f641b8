"""What a write makes final, as values to count. Told beside the write, counted when the API server has taken it. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from batchyard.core.times import epoch

What = Literal["task", "job", "preparation", "release", "retry", "requeue", "recovery", "run", "wait", "resize"]


@dataclass(frozen=True, slots=True)
class Happening:
    """`task`, `job` and the steps: one has ended. `retry`, `requeue`, `recovery`: a task goes back to the queue. `run`, `wait`: how long.

    A step counts for its node and an integer of a range for itself. Nothing here names a job or a task.
    `resize`: a pool has its size, or has tried for too long.
    """

    what: What
    result: str = ""
    code: str = ""
    seconds: float | None = None
    number: int = 1


def of_step(what: What, info: Mapping[str, Any]) -> tuple[Happening, ...]:
    """What is written about a preparation or release on one node."""
    if info["state"] != "completed":
        return ()
    seconds = between(epoch(info.get("startTime")), epoch(info.get("endTime")))
    return (Happening(what, info["result"], code(info), seconds),)


def between(start: float | None, end: float | None) -> float | None:
    """The clocks of two machines may differ."""
    return None if start is None or end is None else max(0.0, end - start)


def code(info: Mapping[str, Any]) -> str:
    """Azure's code of a failure; empty for a success."""
    return str((info.get("failureInfo") or {}).get("code", ""))
