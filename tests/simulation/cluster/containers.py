"""What each container of our Pods does: users' commands through run.sh, and our own few programs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batchyard.api import names
from batchyard.core.pods.wipe import BOOTS_DIR, POOLS_DIR
from tests.history.process import Step
from tests.simulation.cluster.machine import Machine, Running
from tests.simulation.cluster.run_sh import Exit, RunSh

SETUP_SECONDS, WIPE_SECONDS, STOP_SECONDS = 0.3, 0.5, 0.1


@dataclass
class Container:
    """One start of one container."""

    item: Mapping[str, Any]
    """The Pod."""
    spec: Mapping[str, Any]
    machine: Machine
    stop: asyncio.Event

    @property
    def pool(self) -> str:
        """UID of the pool, as the paths on the host name it."""
        paths = (volume["hostPath"]["path"] for volume in self.item["spec"].get("volumes", ()))
        return next((path.rsplit("/", 1)[1] for path in paths if path not in (names.HOST_ROOT, names.HOST_BOOT)), "")

    def mountable(self) -> bool:
        """Whether its host directories are there, or may be made."""
        for volume in self.item["spec"].get("volumes", ()):
            made = self.machine.disk.roots if volume["name"] == "root" else self.machine.disk.boots
            if volume["hostPath"]["type"] == "Directory" and self.pool not in made:
                return False
        return True

    async def main(self) -> Exit:
        command = self.spec["command"]
        match command:
            case [names.IMAGE_BUSYBOX, "sh", script, *arguments] if script == f"{names.IMAGE_NODE}/wipe.sh":
                return await self._wipe(arguments[0])
            case [names.IMAGE_BUSYBOX, "sh", script] if script == f"{names.IMAGE_NODE}/setup.sh":
                await asyncio.sleep(SETUP_SECONDS)
                awaits = self._environment()["BATCHYARD_AWAIT_START_TASK"] == "true"
                self.machine.disk.set_up(self.pool, awaits_start_task=awaits)
                return Exit(0)
            case [_, "sh", script, mode, "--", *words] if script == f"{names.NODE_BIN}/run.sh":
                return await self._run_sh(mode, words)
            case _:
                await self.stop.wait()
                await asyncio.sleep(STOP_SECONDS)
                return Exit(0)

    async def _run_sh(self, mode: str, words: list[str]) -> Exit:
        if not self.machine.disk.root(self.pool).tools:
            return Exit(128, reason="StartError")
        return await RunSh(mode, words, self._environment(), self.machine, self.pool, self.stop).main()

    async def _wipe(self, directory: str) -> Exit:
        env = self._environment()
        pool, job = self.pool or directory.rsplit("/", 1)[1], env.get("BATCHYARD_JOB_UID", "")
        if directory.startswith(f"{BOOTS_DIR}/"):  # marks only: no wipe of what jobs left there
            await asyncio.sleep(WIPE_SECONDS)
            self.machine.disk.boots.pop(pool, None)
            self.machine.asked_boots[pool] += 1
            return Exit(0)
        with self.machine.process(Running(Step.WIPE, pool, job=job)) as running:
            await asyncio.sleep(WIPE_SECONDS)
            self._remove(directory, pool, job)
            running.exit_code = 0
        return Exit(0)

    def _remove(self, directory: str, pool: str, job: str) -> None:
        disk = self.machine.disk
        if directory.startswith(f"{POOLS_DIR}/"):
            disk.roots.pop(pool, None)
        else:
            disk.wipe_job(pool, directory.removeprefix(f"{names.ROOT_DIR}/"), job)

    def _environment(self) -> dict[str, str]:
        values: dict[str, str] = {}
        for variable in self.spec.get("env", ()):
            text = variable.get("value", "") if "valueFrom" not in variable else self._of_pod(variable)
            for name, value in values.items():
                text = text.replace(f"$({name})", value)
            values[variable["name"]] = text
        return values

    def _of_pod(self, variable: Mapping[str, Any]) -> str:
        path = variable["valueFrom"]["fieldRef"]["fieldPath"]
        return str(self.machine.name if path == "spec.nodeName" else self.item["metadata"]["uid"])
