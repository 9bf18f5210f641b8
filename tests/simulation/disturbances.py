"""What goes wrong in the cluster itself during a storm: machines, Pods, images, history, a second operator."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from batchyard.kube import kinds
from tests.simulation.cluster import statuses
from tests.simulation.cluster.cluster import Cluster
from tests.simulation.storm import Storm
from tests.simulation.tape import Tape

OCCASION_SECONDS = 5.0
LONGEST_OUTAGE, LONGEST_CUT, LONGEST_ABSENCE = 200.0, 450.0, 120.0
RATES = {
    "reboot": 0.08,
    "power off": 0.05,
    "cut": 0.05,
    "remove": 0.04,
    "evict": 0.2,
    "delete pod": 0.2,
    "force delete pod": 0.1,
    "delete daemon set": 0.05,
    "no images": 0.1,
    "compact": 0.2,
    "second operator": 0.1,
}


class Disturbances:
    def __init__(self, cluster: Cluster, storm: Storm, tape: Tape, second_operator: Callable[[float], None]) -> None:
        self._cluster = cluster
        self._nodes = cluster.nodes
        self._hub = cluster.hub
        self._storm = storm
        self._tape = tape
        self._second_operator = second_operator
        self._rates = {what: storm.rate(what, most) for what, most in RATES.items()}
        self._acts: dict[str, Callable[[], None]] = {
            "reboot": lambda: self._nodes.reboot(self._machine("reboot")),
            "power off": self._power_off,
            "cut": self._cut,
            "remove": self._remove,
            "evict": self._evict,
            "delete pod": lambda: self._delete_pod(None),
            "force delete pod": lambda: self._delete_pod(0),
            "delete daemon set": self._delete_daemon_set,
            "no images": self._no_images,
            "compact": self._hub.compact,
            "second operator": lambda: self._second_operator(self._tape.between("second operator.for", 5, 60)),
        }

    async def rage(self) -> None:
        """Until the storm is over; then all machines are brought back."""
        while self._storm.rages:
            await asyncio.sleep(self._tape.between("occasion", 0.1, OCCASION_SECONDS))
            for what, rate in self._rates.items():
                if self._tape.fault(what, rate):
                    self._acts[what]()
        self._nodes.unpullable.clear()
        self._nodes.restore()

    def _later(self, site: str, longest: float, act: Callable[[str], None], name: str) -> None:
        asyncio.get_running_loop().call_later(self._tape.between(f"{site}.for", 1, longest), act, name)

    def _machine(self, site: str) -> str:
        names = sorted(self._nodes.machines)
        return names[int(self._tape.number(f"{site}.which") * len(names))]

    def _power_off(self) -> None:
        name = self._machine("power off")
        self._nodes.power_off(name)
        self._later("power off", LONGEST_OUTAGE, self._nodes.power_on, name)

    def _cut(self) -> None:
        name = self._machine("cut")
        self._nodes.cut(name)
        self._later("cut", LONGEST_CUT, self._nodes.mend, name)

    def _remove(self) -> None:
        name = self._machine("remove")
        self._nodes.remove(name)
        self._later("remove", LONGEST_ABSENCE, self._replace, name)

    def _replace(self, name: str) -> None:
        if ("", name) not in self._hub.known["Node"]:
            self._nodes.replace(name)

    def _pod(self, site: str) -> Any:
        """One that lives on a node, or None."""
        known = self._hub.known["Pod"]
        live = [item for _, item in sorted(known.items()) if item["spec"].get("nodeName") and not statuses.ended(item)]
        return live[int(self._tape.number(f"{site}.which") * len(live))] if live else None

    def _evict(self) -> None:
        """By its kubelet, whose machine is short of something."""
        if (item := self._pod("evict")) is not None:
            self._nodes.machines[item["spec"]["nodeName"]].kubelet.evict(item["metadata"]["uid"])

    def _delete_pod(self, grace: int | None) -> None:
        if (item := self._pod("delete pod")) is not None:
            meta = item["metadata"]
            self._hub.delete(kinds.POD, meta["namespace"], meta["name"], uid=meta["uid"], grace=grace)

    def _delete_daemon_set(self) -> None:
        if found := sorted(self._hub.known["DaemonSet"]):
            namespace, name = found[int(self._tape.number("delete daemon set.which") * len(found))]
            self._hub.delete(kinds.DAEMON_SET, namespace, name)

    def _no_images(self) -> None:
        trouble = self._machine("no images"), "docker.io/library/busybox:1.37"
        self._nodes.unpullable.add(trouble)
        seconds = self._tape.between("no images.for", 1, 40)
        asyncio.get_running_loop().call_later(seconds, self._nodes.unpullable.discard, trouble)
