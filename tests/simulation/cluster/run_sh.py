"""run.sh as other parts see it: what it refuses, which marks it leaves, and the line it ends with. A model: the script is tested in tests/node.

Modelled: no second start of an attempt, no task without the marks of start task and preparation of this boot, retries in place, results remembered
until the next boot, rerunOnNodeRebootAfterSuccess, wall clock and TERM, and the moment before a release that succeeded is noted.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from batchyard.api.names import ROOT_DIR
from batchyard.core.times import stamp
from batchyard.node.protocol import ALREADY_STARTED, NODE_NOT_PREPARED, NOTHING_TO_RELEASE, TASK_ENDED, parse
from tests.history.process import Place, Step
from tests.history.seen import Unremembered
from tests.simulation.cluster import commands
from tests.simulation.cluster.disk import Boot, Root
from tests.simulation.cluster.machine import Machine, Running
from tests.simulation.virtual_time import EPOCH

STEPS = {"start": Step.START, "prep": Step.PREPARATION, "task": Step.TASK, "release": Step.RELEASE}
NO_EXIT_CODE = 125
MARK_SECONDS = 0.5
"""From the end of a release that succeeded until that is on the disk, when the disk is busy."""


@dataclass(frozen=True)
class Exit:
    code: int
    message: str = ""
    reason: str = ""


@dataclass
class RunSh:
    """One start of the wrapper."""

    mode: str
    words: Sequence[str]
    env: Mapping[str, str]
    machine: Machine
    pool: str
    stop: asyncio.Event

    async def main(self) -> Exit:
        if not self.words:
            return _exit(self._refuse("CommandLaunchFailed"))
        match self.mode:
            case "prep":
                return await self._prepare()
            case "start":
                return await self._start()
            case "release":
                return await self._release()
            case _:
                return _exit(await self._once())

    # Marks.

    @property
    def _root(self) -> Root:
        return self.machine.disk.root(self.pool)

    @property
    def _boot(self) -> Boot:
        return self.machine.disk.boot(self.pool)

    @property
    def _job(self) -> str:
        return self.env.get("BATCHYARD_JOB_UID", "")

    @property
    def _key(self) -> str:
        return self.env["BATCHYARD_KEY"]

    async def _release(self) -> Exit:
        if line := self._root.released.get(self._job):
            return _exit(line)
        place = Place(self.pool, self.machine.name, self.machine.uid)
        line = await self._once()
        if _succeeded(line):
            await self._remember(line, place)
        return _exit(line)

    async def _remember(self, line: str, place: Place) -> None:
        try:
            await asyncio.sleep(MARK_SECONDS)
        except asyncio.CancelledError:
            self.machine.trace.unremembered.append(Unremembered(at=self._now(), job=self._job, place=place))
            raise
        self._root.released[self._job] = line

    async def _once(self) -> str:
        if self._key in self._root.started:
            return self._refuse(ALREADY_STARTED)
        if self.mode == "task" and not self._boot.serving:
            return self._refuse(NODE_NOT_PREPARED)
        if self.env.get("BATCHYARD_REQUIRE_PREPARED") == "true" and f"{self._job}.prepared" not in self._boot.marks:
            return self._refuse(NODE_NOT_PREPARED)
        if self.mode == "release" and self._job not in self._root.prepared:
            return self._refuse(NOTHING_TO_RELEASE)
        self._root.started.add(self._key)
        return await self._run()

    async def _prepare(self) -> Exit:
        while not (self._boot.serving or self.stop.is_set()):  # noqa: ASYNC110 - as run.sh does
            await asyncio.sleep(0.1)
        for mark in (f"{self._job}.prepared", f"{self._key}.failed"):
            if mark in self._boot.marks:
                return _exit(self._boot.marks[mark])
        if self.env.get("BATCHYARD_RERUN_ON_REBOOT") == "false" and self._job in self._root.prepared:
            line = self._root.prepared[self._job]
        else:
            line = await self._run_with_retries()
            if not _succeeded(line):
                return self._settle(line)
            self._root.prepared[self._job] = line
        self._boot.marks[f"{self._job}.prepared"] = line
        return _exit(line)

    async def _start(self) -> Exit:
        for mark in (f"{self._key}.done", f"{self._key}.failed"):
            if mark in self._boot.marks:
                return _exit(self._boot.marks[mark])
        line = await self._run_with_retries()
        if _succeeded(line):
            self._boot.marks[f"{self._key}.done"] = line
            self._boot.serving = True
        return self._settle(line)

    def _settle(self, line: str) -> Exit:
        if not _succeeded(line) and not self.stop.is_set():
            self._boot.marks[f"{self._key}.failed"] = line
        return _exit(line)

    # Runs.

    async def _run_with_retries(self) -> str:
        allowed, retried = int(self.env.get("BATCHYARD_MAX_RETRIES", "0")), 0
        while True:
            line = await self._run(retried)
            result = parse(line)
            failed = result is not None and result.exit_code not in (0, None) and not result.code
            if self.stop.is_set() or not failed or 0 <= allowed <= retried:
                return line
            await asyncio.sleep(min(retried, 30))
            retried += 1

    async def _run(self, retried: int = 0) -> str:
        begin = self._now()
        directory = self.env.get("AZ_BATCH_TASK_DIR", "").removeprefix(f"{ROOT_DIR}/")
        self._root.directories.add(directory)
        if self.stop.is_set():
            return self._line(commands.TERMINATED, begin, retried)
        running = Running(
            STEPS[self.mode],
            self.pool,
            job=self._job,
            task=self.env.get("AZ_BATCH_TASK_ID", "") if self.mode == "task" else "",
            attempt=int(self.env.get("BATCHYARD_ATTEMPT", "0")),
            key=self.env.get("BATCHYARD_KEY", ""),
        )
        wall_clock = float(self.env.get("BATCHYARD_WALL_CLOCK", "0"))
        try:
            end = await commands.run(self.words, self.machine, running, self.stop, wall_clock)
        except commands.NotFound:
            return self._line(None, begin, retried, "CommandProgramNotFound")
        cut_short = {"task": False, "release": end.interrupted}.get(self.mode, self.stop.is_set())
        code = commands.TERMINATED if end.code == 0 and (end.over or cut_short) else end.code
        return self._line(code, begin, retried, TASK_ENDED if end.over else "")

    def _refuse(self, code: str) -> str:
        if code == NODE_NOT_PREPARED:
            task = self.env.get("AZ_BATCH_TASK_ID", "")
            self.machine.trace.refused.append(f"{self.machine.name} is not ready for task {task} at {self._now():.2f}")
        return self._line(None, self._now(), 0, code)

    def _line(self, exit_code: int | None, begin: float, retried: int, code: str = "") -> str:
        times = {"startTime": stamp(EPOCH + begin), "endTime": stamp(EPOCH + self._now())}
        return json.dumps({"exitCode": exit_code, **times, "retryCount": retried, "code": code})

    def _now(self) -> float:
        return self.machine.trace.now()


def _succeeded(line: str) -> bool:
    result = parse(line)
    return result is not None and result.succeeded


def _exit(line: str) -> Exit:
    result = parse(line)
    code = result.exit_code if result is not None else None
    return Exit(NO_EXIT_CODE if code is None else code, line)
