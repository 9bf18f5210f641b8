"""A cluster in memory: objects as JSON, the API server's rules that plans rely on, and a kubelet that moves Pods by simulated time."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from batchyard.api import names
from batchyard.core.actions import Absence, Action, Apply, Create, Delete, Emit, Patch
from batchyard.core.happenings import Happening
from batchyard.core.times import stamp
from batchyard.kube.observe import controller_uid, pod
from batchyard.kube.store import Store
from batchyard.kube.tables import tables
from tests import build

Raw = dict[str, Any]
Key = tuple[str, str, str]
PROCESS_SECONDS = 3
TERMINAL = ("Succeeded", "Failed")


@dataclass(frozen=True)
class Run:
    """One process as its node saw it: the truth that invariants are held against."""

    what: str
    node: str
    boot: str
    about: str
    start: float
    end: float
    exit_code: int
    pool: str = ""


@dataclass
class World:
    exits: Callable[[str, str, int], int] = lambda _what, _node, _attempt: 0
    """Exit code of a process by what it is (prep, release, a task's id), node and attempt."""
    seconds: int = PROCESS_SECONDS
    """How long a process runs that nobody stops."""
    now: float = build.T0
    objects: dict[Key, Raw] = field(default_factory=dict)
    trace: list[Run] = field(default_factory=list)
    writes: int = 0
    happened: list[Happening] = field(default_factory=list)
    """What the writes that were taken told."""
    silent: set[str] = field(default_factory=set)
    """Nodes whose kubelets do nothing and say nothing."""
    boots_wiped: dict[str, int] = field(default_factory=dict)
    """How often the marks of the present boot were taken off a node, as a reboot that is asked for does."""
    _versions: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    # The API server.

    def put(self, item: Raw) -> Raw:
        item = copy.deepcopy(item)
        meta = item["metadata"]
        meta.setdefault("namespace", "")
        meta.setdefault("uid", f"{item['kind']}-{meta['name']}-{next(self._versions)}")
        meta.setdefault("creationTimestamp", stamp(self.now))
        meta.setdefault("generation", 1)
        self._save(item)
        return item

    def _save(self, item: Raw) -> None:
        meta = item["metadata"]
        meta["resourceVersion"] = str(next(self._versions))
        self.objects[item["kind"], meta["namespace"], meta["name"]] = item
        if "deletionTimestamp" in meta and not meta.get("finalizers") and not self._holds(item):
            del self.objects[item["kind"], meta["namespace"], meta["name"]]

    @staticmethod
    def _holds(item: Raw) -> bool:
        """A bound Pod stays until its kubelet has stopped it."""
        ended = item.get("status", {}).get("phase") in TERMINAL
        return item["kind"] == "Pod" and "nodeName" in item["spec"] and not ended

    def of(self, kind: str, component: str = "") -> list[Raw]:
        found = [item for (k, _, _), item in sorted(self.objects.items()) if k == kind]
        return [item for item in found if component in ("", _component(item))]

    def get(self, kind: str, name: str, namespace: str = build.NAMESPACE) -> Raw | None:
        return self.objects.get((kind, namespace, name))

    def edit(self, kind: str, name: str, spec: Raw) -> None:
        item = self.objects[kind, build.NAMESPACE, name]
        item["spec"] |= spec
        item["metadata"]["generation"] += 1
        self._save(item)

    def delete(self, key: Key) -> None:
        if (item := self.objects.get(key)) is not None:
            item["metadata"].setdefault("deletionTimestamp", stamp(self.now))
            self._save(item)

    def do(self, action: Action) -> None:
        """One conditional write; a conflict changes nothing."""
        if isinstance(action, Emit):
            return
        self.writes += 1
        match action:
            case Create(kind=kind, manifest=manifest, unless=unless):
                meta = manifest["metadata"]
                free = (kind, meta["namespace"], meta["name"]) not in self.objects
                if free and (unless is None or not self._present(unless)):
                    self.put({"kind": kind, **manifest})
            case Apply(kind=kind, manifest=manifest):
                before = self.objects.get((kind, manifest["metadata"]["namespace"], manifest["metadata"]["name"]))
                kept = (
                    {k: v for k, v in before["metadata"].items() if k not in ("annotations", "labels")}
                    if before
                    else {}
                )
                self.put({"kind": kind, **manifest, "metadata": kept | manifest["metadata"]})
            case Patch(ref=ref, body=body):
                item = self.objects.get((ref.kind, ref.namespace, ref.name))
                if item is not None and item["metadata"]["resourceVersion"] == ref.resource_version:
                    self._save(_merged(item, body))
                    self.happened += action.tells
            case Delete(ref=ref, unchanged=unchanged):
                item = self.objects.get((ref.kind, ref.namespace, ref.name))
                meta = (item or {}).get("metadata", {})
                moved = unchanged and meta.get("resourceVersion") != ref.resource_version
                if meta.get("uid") == ref.uid and not moved:
                    self.delete((ref.kind, ref.namespace, ref.name))

    def _present(self, absence: Absence) -> bool:
        for item in self.of("Pod"):
            facts = pod(item)
            meant = facts.component in absence.components and facts.labels.get(names.LABEL_JOB_UID) == absence.job_uid
            live = facts.component == names.COMPONENT_PREPARATION or not facts.ended
            if meant and live and facts.node == absence.node:
                return True
        return False

    # The nodes and the controllers of Kubernetes.

    def tick(self) -> None:
        """One second: garbage, DaemonSets, kube-scheduler, kubelets."""
        self.now += 1
        for key, item in [*self.objects.items()]:
            owner = controller_uid(item["metadata"])
            if owner and all(o["metadata"]["uid"] != owner for o in self.objects.values()):
                self.delete(key)
        for each in self.of("DaemonSet"):
            self._daemon_pods(each)
        for item in self.of("Pod"):
            node = self.objects.get(("Node", "", pod(item).node))
            if node is not None and pod(item).node not in self.silent:
                self._kubelet(item, node)

    def _daemon_pods(self, owner: Raw) -> None:
        template, uid = owner["spec"]["template"], owner["metadata"]["uid"]
        mine = {pod(i).node: i for i in self.of("Pod") if controller_uid(i["metadata"]) == uid}
        required = template["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        wanted = {f["values"][0] for t in required["nodeSelectorTerms"] for f in t.get("matchFields", ())}
        for node in sorted(n for n in wanted - set(mine) if ("Node", "", n) in self.objects):
            meta = {
                "name": f"{owner['metadata']['name']}-{next(self._versions)}",
                "namespace": owner["metadata"]["namespace"],
                "labels": template["metadata"]["labels"],
                "ownerReferences": [{"kind": "DaemonSet", "name": "", "uid": uid, "controller": True}],
            }
            self.put({"kind": "Pod", "metadata": meta, "spec": {**template["spec"], "nodeName": node}})
        for node in set(mine) - wanted:
            self.delete(("Pod", mine[node]["metadata"]["namespace"], mine[node]["metadata"]["name"]))

    def _kubelet(self, item: Raw, node: Raw) -> None:
        meta, status, boot = item["metadata"], item.setdefault("status", {}), node["status"]["nodeInfo"]["bootID"]
        if status.get("phase") in TERMINAL:
            return
        if "deletionTimestamp" in meta:
            self._stop(item, boot)
        elif "nodeName" not in item["spec"]:
            item["spec"]["nodeName"] = node["metadata"]["name"]
            self._save(item)
        elif status.get("boot") != boot:
            self._start(item, boot)
        elif self.now >= status.get("until", 0) and not status.get("done"):
            self._end(item, self.exits(*self._what(item)))

    def _what(self, item: Raw) -> tuple[str, str, int]:
        component, labels = _component(item), item["metadata"]["labels"]
        attempt = int(labels.get(names.LABEL_ATTEMPT, "0"))
        if component == names.COMPONENT_TASK and names.LABEL_INDEX in labels:
            component = labels[names.LABEL_INDEX]
        elif component == names.COMPONENT_TASK:
            (component,) = (
                t["spec"]["id"] for t in self.of("BatchTask") if t["metadata"]["uid"] == labels[names.LABEL_TASK_UID]
            )
        return component, item["spec"]["nodeName"], attempt

    def _start(self, item: Raw, boot: str) -> None:
        old = item["status"].get("boot")
        daemon = _component(item) in (names.COMPONENT_POOL_NODE, names.COMPONENT_PREPARATION)
        epoch = self._boot(item["spec"]["nodeName"], boot)
        item["status"] |= {"boot": boot, "epoch": epoch, "done": False, "since": self.now}
        if old and not daemon:  # a power loss ends what does not restart
            self._ended(item, "Failed", "", 137)
            return
        if self._refuses(item, boot):
            self._ended(item, "Failed", build.line(None, "NodeNotPrepared"), 125)
            return
        item["status"] |= {"phase": "Pending" if daemon else "Running", "until": self.now + self.seconds}
        item["status"]["conditions"] = []
        self._states(item, {"running": {"startedAt": stamp(self.now)}})

    def _refuses(self, item: Raw, boot: str) -> bool:
        """As run.sh does: a task Pod bound before a reboot starts right after it, maybe before the preparation."""
        env = {e["name"]: e.get("value") for c in item["spec"]["containers"] for e in c.get("env", ())}
        if env.get("BATCHYARD_REQUIRE_PREPARED") != "true":
            return False
        node = item["spec"]["nodeName"]
        where = node, self._boot(node, boot), item["metadata"]["labels"][names.LABEL_JOB]
        return not any(
            (r.node, r.boot, r.about) == where and r.what == "preparation" and r.exit_code == 0 for r in self.trace
        )

    def _end(self, item: Raw, code: int) -> None:
        self._note(item, code)
        component = _component(item)
        paths = [volume["hostPath"]["path"] for volume in item["spec"].get("volumes", ())]
        if code == 0 and names.HOST_BOOT in paths:
            node = item["spec"]["nodeName"]
            self.boots_wiped[node] = self.boots_wiped.get(node, 0) + 1
        if component in (names.COMPONENT_POOL_NODE, names.COMPONENT_PREPARATION):
            ready = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]} if code == 0 else {}
            item["status"] |= {"done": True, **ready}
            self._states(item, _terminated(code, item["status"]["since"], self.now), build.line(code))
        else:
            self._ended(item, "Failed" if code else "Succeeded", build.line(code), code)

    def _boot(self, node: str, boot: str) -> str:
        """The boot as the marks on the node tell it."""
        return f"{boot}.{self.boots_wiped.get(node, 0)}"

    def _stop(self, item: Raw, boot: str) -> None:
        if item["status"].get("boot") == boot and not item["status"].get("done"):
            self._note(item, 143)
        self._ended(item, "Failed", build.line(143) if item["status"].get("boot") == boot else "", 143)

    def _ended(self, item: Raw, phase: str, message: str, code: int) -> None:
        item["status"] |= {"phase": phase, "done": True}
        self._states(item, _terminated(code, item["status"].get("since", self.now), self.now), message)

    def _states(self, item: Raw, state: Raw, message: str = "") -> None:
        if "terminated" in state:
            state["terminated"]["message"] = message
        run = f"{item['metadata']['uid']}.{item['status'].get('boot')}"
        containers = (*item["spec"].get("initContainers", ()), *item["spec"]["containers"])
        item["status"]["containerStatuses"] = [
            {"name": c["name"], "containerID": run, "state": state} for c in containers
        ]
        self._save(item)

    def _note(self, item: Raw, code: int) -> None:
        what, node, _ = self._what(item)
        status = item["status"]
        labels = item["metadata"]["labels"]
        about, pool = labels.get(names.LABEL_JOB, ""), labels.get(names.LABEL_POOL, "")
        self.trace.append(Run(what, node, status["epoch"], about, status["since"], self.now, code, pool))

    def reboot(self, name: str, boot: str) -> None:
        for item in self.of("Pod"):
            if (
                pod(item).node == name
                and item.get("status", {}).get("phase") not in TERMINAL
                and item.get("status", {}).get("boot")
            ):
                if not item["status"].get("done"):
                    self._note(item, 137)
                item["status"]["conditions"] = []
                self._save(item)
        node = self.objects["Node", "", name]
        node["status"]["nodeInfo"]["bootID"] = boot
        self._save(node)

    def store(self) -> Store:
        """What an operator knows that has just started."""
        store = Store(build.RULES, lambda _: None)
        known = tables(store)
        for (kind, _, _), item in self.objects.items():
            known[kind].upsert(copy.deepcopy(item))
        return store


def _component(item: Raw) -> str:
    return str(item["metadata"].get("labels", {}).get(names.LABEL_COMPONENT, ""))


def _terminated(code: int, started: float, finished: float) -> Raw:
    return {"terminated": {"exitCode": code, "startedAt": stamp(started), "finishedAt": stamp(finished)}}


def _merged(before: Any, patch: Any) -> Any:
    """RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    after = dict(before) if isinstance(before, dict) else {}
    for key, value in patch.items():
        if value is None:
            after.pop(key, None)
        else:
            after[key] = _merged(after.get(key), value)
    return after
