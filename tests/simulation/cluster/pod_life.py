"""One Pod on its machine, as a kubelet leads it: init containers in order, restarts, grace, deadline, and what it reports of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from tests.simulation.cluster import statuses
from tests.simulation.cluster.containers import Container
from tests.simulation.cluster.machine import Machine
from tests.simulation.cluster.run_sh import Exit

FIRST_BACKOFF, LONGEST_BACKOFF = 10.0, 300.0
LOOK_AGAIN_SECONDS = 2.0
PULL_SECONDS = 0.4
UNKNOWN = Exit(255, reason="Unknown")
"""What is left of a container that went down with its machine."""
KILLED = Exit(137)

Pullable = Callable[[str], bool]


class PodLife:
    """`report` sends the status as it is now; a Pod that is not started says what became of its containers in `states`."""

    def __init__(
        self, item: dict[str, Any], machine: Machine, report: Callable[[PodLife], None], pullable: Pullable
    ) -> None:
        self.item = item
        self.phase = "Pending"
        self.reason = ""
        self.states: dict[str, dict[str, Any]] = _inherited(item)
        self.over = False
        self._machine = machine
        self._report = report
        self._pullable = pullable
        self._stop = asyncio.Event()
        self._limits: list[asyncio.Timeout] = []
        self._grace = 0.0
        self._ready = False

    @property
    def uid(self) -> str:
        return str(self.item["metadata"]["uid"])

    @property
    def status(self) -> dict[str, Any]:
        init = [self.states[name] for name in self._names("initContainers") if name in self.states]
        main = [self.states[name] for name in self._names("containers") if name in self.states]
        known = [c for c in (self.item.get("status") or {}).get("conditions") or () if c["type"] != "Ready"]
        body: dict[str, Any] = {
            "phase": self.phase,
            "conditions": [*known, statuses.condition("Ready", str(self._ready))],
            "initContainerStatuses": init,
            "containerStatuses": main,
        }
        return body | ({"reason": self.reason} if self.reason else {})

    def stop(self, grace: float) -> None:
        """TERM now, KILL after so many seconds; a shorter grace overtakes a longer one."""
        at = asyncio.get_running_loop().time() + grace
        if not self._stop.is_set() or at < self._grace:
            self._grace = at
            self._stop.set()
            for limit in self._limits:
                limit.reschedule(at)

    async def run(self) -> None:
        """Until no container of it runs or will run."""
        deadline = self.item["spec"].get("activeDeadlineSeconds")
        if deadline is not None:
            asyncio.get_running_loop().call_later(deadline, self._time_over)
        ends = await self._initialized() and await self._main()
        self.finish(succeeded=ends)

    def finish(self, *, succeeded: bool) -> None:
        self._ready, self.over = False, True
        self.phase = "Succeeded" if succeeded and not self.reason else "Failed"
        self._report(self)

    def lost(self) -> None:
        """The machine rebooted under it, and it is not one that starts again."""
        begun = self._machine.begun.get(self.uid, set())
        for name in self._names("containers"):
            if name in begun:
                self._end(name, UNKNOWN, self._machine.trace.now(), self._container_id(name, 1))
        self.finish(succeeded=False)

    def _time_over(self) -> None:
        if not self.over:
            self.reason = "DeadlineExceeded"
            self.stop(float(self.item["spec"].get("terminationGracePeriodSeconds", 30)))

    @property
    def _restarts(self) -> bool:
        return bool(self.item["spec"].get("restartPolicy", "Always") == "Always")

    async def _initialized(self) -> bool:
        for container in self.item["spec"].get("initContainers", ()):
            while not await self._start(container):
                if not self._restarts or not await self._pause(container["name"]):
                    return False
        return not self._stop.is_set()

    async def _main(self) -> bool:
        (container,) = self.item["spec"]["containers"]
        while True:
            succeeded = await self._start(container)
            if not self._restarts or not await self._pause(container["name"]):
                return succeeded

    async def _pause(self, name: str) -> bool:
        """Between two starts of a container; False when the Pod is stopped meanwhile."""
        if not self._stop.is_set():
            restarts = self.states[name].get("restartCount", 0)
            self.states[name]["lastState"] = self.states[name]["state"]
            self.states[name]["state"] = statuses.waiting("CrashLoopBackOff")
            self._ready = False
            self._report(self)
            await self._sleep(min(FIRST_BACKOFF * 2**restarts, LONGEST_BACKOFF))
        return not self._stop.is_set()

    async def _start(self, spec: Mapping[str, Any]) -> bool:
        """One start of one container, to its end; True if that was success."""
        name = spec["name"]
        container = Container(self.item, spec, self._machine, self._stop)
        if not await self._possible(container):
            return False
        started, restarts = self._machine.trace.now(), self._count(name)
        container_id = self._container_id(name, restarts + 1)
        self._machine.begun.setdefault(self.uid, set()).add(name)
        self._running(name, started, container_id, restarts)
        end = await self._executed(container)
        self._end(name, end, started, container_id)
        self._ready = False
        if not self._stop.is_set() and self._restarts:
            self._report(self)
        return end.code == 0

    async def _possible(self, container: Container) -> bool:
        """Waits for its image and its directories; False when the Pod is stopped before they are there."""
        name, image = container.spec["name"], container.spec.get("image", "")
        await self._sleep(PULL_SECONDS)
        while not self._stop.is_set():
            if not self._pullable(image):
                self._wait(name, "ImagePullBackOff", f"cannot pull {image}")
            elif container.mountable():
                return True
            else:
                self._wait(name, "ContainerCreating")
            await self._sleep(LOOK_AGAIN_SECONDS)
        return False

    async def _executed(self, container: Container) -> Exit:
        try:
            async with asyncio.timeout_at(self._grace if self._stop.is_set() else None) as limit:
                self._limits = [limit]
                return await container.main()
        except TimeoutError:
            return KILLED
        finally:
            self._limits = []

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            pass

    # What is said of containers.

    def _wait(self, name: str, reason: str, message: str = "") -> None:
        state = statuses.waiting(reason, message)
        if self.states.get(name, {}).get("state") != state:
            self._put(name, state)
            self._report(self)

    def _running(self, name: str, started: float, container_id: str, restarts: int) -> None:
        initial = name in self._names("initContainers")
        self.phase = "Pending" if initial else "Running"
        self._ready = not initial
        self._put(name, statuses.running(started), containerID=container_id, restartCount=restarts)
        self._report(self)

    def _end(self, name: str, end: Exit, started: float, container_id: str) -> None:
        self._put(
            name, statuses.terminated(end, started, self._machine.trace.now(), container_id), containerID=container_id
        )

    def _put(self, name: str, state: dict[str, Any], **more: Any) -> None:
        self.states[name] = {"restartCount": 0, **self.states.get(name, {}), "name": name, "state": state, **more}

    def _names(self, which: str) -> list[str]:
        return [container["name"] for container in self.item["spec"].get(which, ())]

    def _count(self, name: str) -> int:
        """How often it was started before, as far as the Pod's status knows."""
        known = self.states.get(name, {})
        return (
            int(known.get("restartCount", 0)) + 1
            if known.get("lastState") or "terminated" in known.get("state", {})
            else 0
        )

    def _container_id(self, name: str, number: int) -> str:
        return f"containerd://{self.uid}-{name}-{self._machine.boots}-{number}"


def _inherited(item: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What the Pod's status says of runs before this one: the last of each container is over."""
    status = item.get("status") or {}
    found = {}
    for each in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
        last = each["state"] if "terminated" in each["state"] else each.get("lastState")
        if "running" in each["state"]:
            since = each["state"]["running"]["startedAt"]
            last = {
                "terminated": {
                    "exitCode": UNKNOWN.code,
                    "reason": UNKNOWN.reason,
                    "startedAt": since,
                    "finishedAt": since,
                }
            }
            last["terminated"]["containerID"] = each.get("containerID", "")
        found[each["name"]] = {
            **each,
            "state": statuses.waiting("PodInitializing"),
            **({"lastState": last} if last else {}),
        }
    return found
