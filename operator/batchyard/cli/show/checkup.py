"""What `batchyard doctor` says: one line for each check. Which checks there are is elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from batchyard.cli.show.objects import Object
from batchyard.cli.show.table import lines


class Mark(Enum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    """The caller may not read what would tell."""


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    mark: Mark
    message: str
    next_step: str = ""


def text(checks: Sequence[Check]) -> str:
    """As in conditions, the last part of a sentence is what to do next."""
    rows = [[each.mark.value, each.name, "; ".join(filter(None, [each.message, each.next_step]))] for each in checks]
    return lines([["RESULT", "CHECK", "MESSAGE"], *rows])


def wire(checks: Sequence[Check]) -> Object:
    found = [
        {"check": each.name, "result": each.mark.value, "message": each.message, "next": each.next_step}
        for each in checks
    ]
    return {"healthy": healthy(checks), "checks": found}


def healthy(checks: Sequence[Check]) -> bool:
    return all(each.mark is not Mark.FAIL for each in checks)
