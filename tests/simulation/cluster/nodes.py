"""Machines and their Nodes: registration, power, reboots, cuts, removal; and what the cluster makes of a Node that it does not hear from."""

from __future__ import annotations

import asyncio
from typing import Any

from batchyard.kube import kinds
from tests.history.seen import Lost
from tests.simulation.cluster import placing, statuses
from tests.simulation.cluster.disk import Disk
from tests.simulation.cluster.kubelet import Kubelet
from tests.simulation.cluster.machine import Machine, Trace
from tests.simulation.hub import Hub
from tests.simulation.tape import Tape

Raw = dict[str, Any]

SILENT_SECONDS = 40
EVICTION_SECONDS = 300
GONE_SECONDS = 60
BOOT_SECONDS = (5.0, 40.0)


class Nodes:
    def __init__(self, hub: Hub, tape: Tape, trace: Trace) -> None:
        self.machines: dict[str, Machine] = {}
        self.losses: list[Lost] = []
        self.unpullable: set[tuple[str, str]] = set()
        """Machine and image; an empty machine stands for all."""
        self._hub = hub
        self._tape = tape
        self._trace = trace
        hub.follow(kinds.POD, self._pod)

    def add(self, name: str, *, cpu: str = "8", labels: Raw | None = None) -> Machine:
        """A machine that registers; one that was here before comes back with its disk, as another Node."""
        machine = self.machines.get(name)
        if machine is None:
            machine = self.machines[name] = Machine(name, self._trace)
        meta = {"name": name, "labels": {"kubernetes.io/hostname": name, "batch": "true", **(labels or {})}}
        status = {**self._status(machine), "allocatable": {"cpu": cpu}}
        node = self._hub.create(kinds.NODE, None, {"metadata": meta, "spec": {}, "status": status})
        assert node is not None
        machine.uid = node["metadata"]["uid"]
        machine.up = machine.connected = True
        self._start_kubelet(machine)
        self._say_ready(machine)
        return machine

    def reboot(self, name: str) -> None:
        """Power off and on at once: it is back before anybody has missed it."""
        self.power_off(name)
        low, high = BOOT_SECONDS
        asyncio.get_running_loop().call_later(self._tape.between("boot", low, high), self.power_on, name)

    def power_off(self, name: str) -> None:
        machine = self.machines[name]
        if machine.up:
            machine.up = False
            machine.kubelet.power_off()
            boots = [f"{machine.boot_id}.{n}" for n in range(max(machine.asked_boots.values(), default=0) + 1)]
            at = self._trace.now()
            self.losses += [Lost(at=at, node=name, machine=machine.uid, boot=boot) for boot in boots]
            self._missed(machine)

    def power_on(self, name: str) -> None:
        machine = self.machines[name]
        if machine.up or self._node(name) is None:
            return
        machine.up, machine.boots = True, machine.boots + 1
        machine.asked_boots.clear()
        machine.disk.restart()
        self._start_kubelet(machine)
        if machine.connected:
            self._say_ready(machine)

    def cut(self, name: str) -> None:
        """It runs on and nobody hears of it."""
        machine = self.machines[name]
        if machine.up and machine.connected:
            machine.connected = False
            self._missed(machine)

    def mend(self, name: str) -> None:
        machine = self.machines[name]
        if not machine.connected:
            machine.connected = True
            if machine.up and self._node(name) is not None:
                self._say_ready(machine)
                machine.kubelet.connected_again()

    def remove(self, name: str) -> None:
        """The machine is off and its Node is deleted, as an administrator or an autoscaler does."""
        self.power_off(name)
        machine = self.machines[name]
        jobs = {p.job for p in self._trace.processes if p.place.machine == machine.uid}
        machine.remnants |= jobs | machine.disk.roots.keys()
        self.losses.append(Lost(at=self._trace.now(), node=name, machine=machine.uid))
        self._hub.delete(kinds.NODE, None, name)
        asyncio.get_running_loop().call_later(GONE_SECONDS, self._collect, name)

    def restore(self) -> None:
        """Every machine is there, on and heard."""
        for name in sorted(self.machines):
            if self._node(name) is None:
                self.replace(name)
            self.power_on(name)
            self.mend(name)

    def replace(self, name: str) -> None:
        """Another machine under the name, with an empty disk."""
        machine = self.machines[name]
        machine.disk, machine.begun, machine.remnants = Disk(), {}, set()
        self.add_again(name)

    def add_again(self, name: str) -> None:
        """The same machine, booted anew, under a new Node."""
        if self._node(name) is not None:
            return
        machine = self.machines[name]
        machine.boots += 1
        machine.asked_boots.clear()
        machine.disk.restart()
        self.add(name)

    def _start_kubelet(self, machine: Machine) -> None:
        machine.kubelet = Kubelet(machine, self._hub, self._tape, self._pullable)
        asyncio.get_running_loop().call_later(
            self._tape.between("kubelet.start", 0.5, 5), self._boot, machine, machine.boots
        )

    def _boot(self, machine: Machine, boot: int) -> None:
        if machine.up and machine.boots == boot and machine.connected:
            machine.kubelet.boot()

    def _pod(self, _: str, item: Raw) -> None:
        name = item["spec"].get("nodeName")
        if name in self.machines:
            self.machines[name].kubelet.heard(item)

    def _pullable(self, machine: str, image: str) -> bool:
        return not {(machine, image), ("", image)} & self.unpullable

    # What the cluster makes of it.

    def _missed(self, machine: Machine) -> None:
        boot = machine.boots
        asyncio.get_running_loop().call_later(SILENT_SECONDS, self._give_up_on, machine, boot)

    def _silent(self, machine: Machine, boot: int) -> bool:
        return machine.boots == boot and not (machine.up and machine.connected) and self._node(machine.name) is not None

    def _give_up_on(self, machine: Machine, boot: int) -> None:
        if self._silent(machine, boot):
            ready = {"type": "Ready", "status": "Unknown", "lastTransitionTime": statuses.at(self._trace.now())}
            self._hub.patch(kinds.NODE, None, machine.name, {"status": {"conditions": [ready]}}, "status")
            taints = [{"key": placing.UNREACHABLE, "effect": effect} for effect in ("NoSchedule", "NoExecute")]
            self._hub.patch(kinds.NODE, None, machine.name, {"spec": {"taints": taints}})
            asyncio.get_running_loop().call_later(EVICTION_SECONDS, self._evict, machine, boot)

    def _evict(self, machine: Machine, boot: int) -> None:
        """Pods that do not tolerate a silent Node are marked for deletion; they stay until somebody answers for them."""
        node = self._node(machine.name)
        if node is None or not self._silent(machine, boot):
            return
        for item in self._on(machine.name):
            if not statuses.deleting(item) and placing.repelled(node, item["spec"], "NoExecute"):
                self.disrupt(item, "TaintManager")
                self._hub.delete(
                    kinds.POD, item["metadata"]["namespace"], item["metadata"]["name"], uid=item["metadata"]["uid"]
                )

    def disrupt(self, item: Raw, reason: str, **more: Any) -> None:
        meta = item["metadata"]
        told = statuses.condition("DisruptionTarget", "True", reason)
        body = {"metadata": {"uid": meta["uid"]}, "status": {"conditions": statuses.with_condition(item, told), **more}}
        self._hub.patch(kinds.POD, meta["namespace"], meta["name"], body, "status")

    def _collect(self, name: str) -> None:
        """Pods of a Node that is gone are failed and taken away by force."""
        if self._node(name) is None:
            for item in self._on(name):
                if not statuses.ended(item):
                    self.disrupt(item, "DeletionByPodGC", phase="Failed")
                meta = item["metadata"]
                self._hub.delete(kinds.POD, meta["namespace"], meta["name"], uid=meta["uid"], grace=0)

    def _say_ready(self, machine: Machine) -> None:
        self._hub.patch(kinds.NODE, None, machine.name, {"status": self._status(machine)}, "status")
        self._hub.patch(kinds.NODE, None, machine.name, {"spec": {"taints": None}})

    def _status(self, machine: Machine) -> Raw:
        ready = {"type": "Ready", "status": "True", "lastTransitionTime": statuses.at(self._trace.now())}
        address = {"type": "InternalIP", "address": "10.0.0.1"}
        return {"conditions": [ready], "nodeInfo": {"bootID": machine.boot_id}, "addresses": [address]}

    def _node(self, name: str) -> Raw | None:
        return self._hub.known["Node"].get(("", name))

    def _on(self, name: str) -> list[Raw]:
        return [item for item in self._hub.known["Pod"].values() if item["spec"].get("nodeName") == name]
