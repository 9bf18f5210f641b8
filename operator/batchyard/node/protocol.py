"""The line that run.sh leaves in the termination message, as a value. Nothing here reads a node."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime

# Codes by which run.sh says why a command did not simply end (design section 4).
ALREADY_STARTED = "AlreadyStarted"
NODE_NOT_PREPARED = "NodeNotPrepared"
NOTHING_TO_RELEASE = "NothingToRelease"
TASK_ENDED = "TaskEnded"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_COUNTS = range(2**31)
_EXIT_CODES = range(-(2**31), 2**31)


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
    except (ValueError, RecursionError):
        return None
    if not isinstance(line, dict) or not _is_exit_code(line.get("exitCode", "")):
        return None  # somebody else's word
    return RunResult(
        exit_code=line["exitCode"],
        start_time=_time(line.get("startTime")),
        end_time=_time(line.get("endTime")),
        retry_count=line["retryCount"] if _is_number(line.get("retryCount"), _COUNTS) else 0,
        last_retry_time=_time(line.get("lastRetryTime")),
        code=(_text(line.get("code")) or "")[:128],
    )


def _is_exit_code(value: object) -> bool:
    return value is None or _is_number(value, _EXIT_CODES)


def _is_number(value: object, allowed: range) -> bool:
    return type(value) is int and value in allowed  # True is no number


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _time(value: object) -> str | None:
    """As run.sh writes it; the API server would refuse anything else, and the outcome with it."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return None
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return None
    return value
