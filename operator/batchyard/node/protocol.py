"""The line that run.sh leaves in the termination message, as a value. Nothing here reads a node."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

# Codes by which run.sh says why a command did not simply end (design section 4).
ALREADY_STARTED = "AlreadyStarted"
NODE_NOT_PREPARED = "NodeNotPrepared"
TASK_ENDED = "TaskEnded"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a command ended on its node; times are RFC 3339 in UTC, as run.sh wrote them."""

    exit_code: int | None
    start_time: str | None
    end_time: str | None
    retry_count: int = 0
    last_retry_time: str | None = None
    code: str = ""

    @property
    def succeeded(self) -> bool:
        return self.exit_code == 0 and not self.code


def parse(message: str) -> RunResult | None:
    """The result in a termination message, or None where there is none (the wrapper was killed, or never ran)."""
    lines = message.strip().splitlines()
    try:
        line = json.loads(lines[-1]) if lines else None
    except ValueError:
        return None
    if not isinstance(line, dict) or type(line.get("exitCode", "")) not in (int, type(None)):
        return None  # somebody else's word
    return RunResult(
        exit_code=line.get("exitCode"),
        start_time=_time(line.get("startTime")),
        end_time=_time(line.get("endTime")),
        retry_count=line["retryCount"] if isinstance(line.get("retryCount"), int) else 0,
        last_retry_time=_time(line.get("lastRetryTime")),
        code=(_text(line.get("code")) or "")[:128],
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _time(value: object) -> str | None:
    """As run.sh writes it; the API server would refuse anything else, and the outcome with it."""
    return value if isinstance(value, str) and _TIME.fullmatch(value) else None
