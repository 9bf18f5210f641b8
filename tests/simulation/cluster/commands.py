"""What users' commands do here. Their words say it: `work SECONDS [CODES] [NODE=CODES]`, `stubborn SECONDS`, `polite SECONDS`, anything else is not found.

A polite one makes a success of being stopped.
CODES are the exit codes of the first run, the second and so on; the last one holds for all that follow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from tests.simulation.cluster.machine import Machine, Running

KILL_AFTER_SECONDS = 10
DYING_SECONDS = 0.2
TERMINATED, KILLED = 143, 137
STOPPED = {"work": TERMINATED, "stubborn": KILLED, "polite": 0}


class End(NamedTuple):
    """As run.sh sees it."""

    code: int
    interrupted: bool = False
    over: bool = False
    """run.sh ended it because its time was over."""


class NotFound(Exception):  # noqa: N818  reads as what happened
    """There is no such program."""


async def run(words: Sequence[str], machine: Machine, running: Running, stop: asyncio.Event, wall_clock: float) -> End:
    if words[0] not in STOPPED:
        raise NotFound
    code = _code(words, machine, running)
    with machine.process(running):
        seconds = float(words[1])
        over = 0 < wall_clock < seconds
        if not await _stopped(stop, wall_clock if over else seconds) and not over:
            running.exit_code = code
            return End(code)
        await asyncio.sleep(KILL_AFTER_SECONDS if words[0] == "stubborn" else DYING_SECONDS)
        return End(STOPPED[words[0]], stop.is_set(), over and not stop.is_set())


def _code(words: Sequence[str], machine: Machine, running: Running) -> int:
    where = "" if running.task else machine.name
    key = running.step.value, running.job, running.task, where
    machine.trace.runs[key] += 1
    codes = words[2] if len(words) > 2 else "0"
    codes = next((word.partition("=")[2] for word in words[3:] if word.startswith(f"{machine.name}=")), codes)
    each = [int(code) for code in codes.split(",")]
    return each[min(machine.trace.runs[key], len(each)) - 1]


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    """False when the seconds went by."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return False
    return True
