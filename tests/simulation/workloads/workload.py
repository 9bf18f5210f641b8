"""What a workload is, and the parts that many share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.simulation.simulation import Script

PREPARATION = {"commandLine": "work 2"}
RELEASE = {"commandLine": "work 2"}
STEPS: dict[str, Any] = {"jobPreparationTask": PREPARATION, "jobReleaseTask": RELEASE}


@dataclass(frozen=True)
class Workload:
    script: Script
    open: frozenset[str] = frozenset()
    """Parts of the outcomes that depend on how fast things go."""


WORKLOADS: dict[str, Workload] = {}


def workload(*open_: str) -> Callable[[Script], Script]:
    def add(script: Any) -> Script:
        WORKLOADS[script.__name__] = Workload(script, frozenset(open_))
        return script  # type: ignore[no-any-return]

    return add


def inline(*commands: str, **more: Any) -> list[dict[str, Any]]:
    return [{"id": f"task{number}", "commandLine": command, **more} for number, command in enumerate(commands, 1)]
