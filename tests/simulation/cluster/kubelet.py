"""The kubelet of one machine: which Pods live there, and what the API server hears of them while the two are connected."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from batchyard.kube import kinds
from tests.simulation.cluster import statuses
from tests.simulation.cluster.machine import Machine
from tests.simulation.cluster.pod_life import PodLife
from tests.simulation.hub import Hub
from tests.simulation.tape import Tape

Raw = dict[str, Any]


class Kubelet:
    """To be made anew for each boot of its machine."""

    def __init__(self, machine: Machine, hub: Hub, tape: Tape, pullable: Callable[[str, str], bool]) -> None:
        self.machine = machine
        self._hub = hub
        self._tape = tape
        self._pullable = pullable
        self._lives: dict[str, PodLife] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._unsent: dict[str, PodLife] = {}

    def boot(self) -> None:
        """What it finds: Pods that start again, and those that never do."""
        for item in self._mine():
            if not statuses.ended(item) and item["metadata"]["uid"] not in self._lives:
                self._find(item)

    def heard(self, item: Raw) -> None:
        if item["spec"].get("nodeName") == self.machine.name and self.machine.up and self.machine.connected:
            self._later(self._tape.between("kubelet.lag", 0.02, 0.3), self._look, item["metadata"]["uid"])

    def connected_again(self) -> None:
        unsent, self._unsent = self._unsent, {}
        for life in unsent.values():
            self._report(life)
        for item in self._mine():
            self._look(item["metadata"]["uid"])
        for uid in [*self._lives]:
            self._look(uid)

    def power_off(self) -> None:
        """Everything ends where it is."""
        for task in self._tasks.values():
            task.cancel()
        self._lives.clear()

    def evict(self, uid: str) -> None:
        """The machine is short of something: the Pod is killed at once and has failed."""
        life = self._lives.get(uid)
        if life is not None and not life.over and self.machine.up:
            life.reason = "Evicted"
            life.stop(0)

    @property
    def busy(self) -> bool:
        return any(not life.over for life in self._lives.values())

    def _mine(self) -> list[Raw]:
        return [item for item in self._hub.known["Pod"].values() if item["spec"].get("nodeName") == self.machine.name]

    def _later(self, seconds: float, do: Callable[[str], None], uid: str) -> None:
        def act() -> None:
            if self.machine.up and self.machine.connected and self._is_current():
                do(uid)

        asyncio.get_running_loop().call_later(seconds, act)

    def _is_current(self) -> bool:
        return self.machine.kubelet is self

    def _look(self, uid: str) -> None:
        item = next((each for each in self._mine() if each["metadata"]["uid"] == uid), None)
        life = self._lives.get(uid)
        if life is None:
            if item is not None and not statuses.ended(item):
                self._admit(item)
        elif item is None:  # taken away by force: its processes are stopped all the same
            life.stop(float(life.item["spec"].get("terminationGracePeriodSeconds", 30)))
            if life.over:
                del self._lives[uid]
        elif statuses.deleting(item):
            self._delete(life, item)

    def _admit(self, item: Raw) -> None:
        life = self._life(item)
        if statuses.deleting(item):
            life.finish(succeeded=False)
            self._remove(life)
        else:
            self._begin(life)

    def _find(self, item: Raw) -> None:
        """After a boot."""
        never = item["spec"].get("restartPolicy") == "Never"
        begun = item["metadata"]["uid"] in self.machine.begun
        if never and begun and not self._tape.fault("kubelet.second start", self.machine.forgets):
            life = self._life(item)
            life.lost()
            if statuses.deleting(item):
                self._remove(life)
        else:
            self._admit(item)

    def _life(self, item: Raw) -> PodLife:
        image = self._pullable
        life = PodLife(item, self.machine, self._report, lambda name: image(self.machine.name, name))
        self._lives[life.uid] = life
        return life

    def _begin(self, life: PodLife) -> None:
        self._tasks[life.uid] = asyncio.get_running_loop().create_task(self._lead(life))

    async def _lead(self, life: PodLife) -> None:
        await life.run()
        del self._tasks[life.uid]
        self._look(life.uid)

    def _delete(self, life: PodLife, item: Raw) -> None:
        if life.over:
            self._remove(life)
        else:
            life.stop(float(item["metadata"].get("deletionGracePeriodSeconds") or 0))

    def _remove(self, life: PodLife) -> None:
        """It has ended and was to be deleted: nothing but finalizers keeps it now."""
        if self.machine.connected:
            meta = life.item["metadata"]
            self._hub.delete(kinds.POD, meta["namespace"], meta["name"], uid=life.uid, grace=0)

    def _report(self, life: PodLife) -> None:
        if not self.machine.connected:
            self._unsent[life.uid] = life
            return
        meta = life.item["metadata"]
        now = self._hub.known["Pod"].get((meta["namespace"], meta["name"]))
        if now is not None and now["metadata"]["uid"] == life.uid and not statuses.ended(now):
            life.item = now
            body = {"metadata": {"uid": life.uid}, "status": life.status}
            self._hub.patch(kinds.POD, meta["namespace"], meta["name"], body, "status")
