"""What a pass costs as a job or its pool grows: time for each task that changes, memory for each task. No cluster, no network.

A pool of 25 nodes with 4 slots each runs one job. Every round 20 Pods end; measured are the passes until 20 new Pods are asked
for (planning), and parsing and storing what the API server says about it (reading), in CPU time for each task that ended. Then,
in full pools of more and more nodes, one Pod ends; measured is the pass that sees it.
"""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from batchyard.__main__ import GARBAGE_THRESHOLDS
from batchyard.api import names
from batchyard.core.actions import Action, Create, Delete, Patch
from batchyard.core.plan import plan
from batchyard.core.pods.parts import owned_by
from batchyard.core.times import stamp
from batchyard.kube.snapshots import snapshot
from batchyard.kube.store import Store
from batchyard.kube.tables import tables
from tests import build
from tests.benchmark.full_pool import full_pool
from tests.core.world import World

SIZES = (1_000, 10_000, 100_000)
NODES, SLOTS, ENDING, ROUNDS = 25, 4, 20, 25
POOLS = (25, 100, 1_000, 10_000)
WAITING = 100
KEY = (build.NAMESPACE, "sample")
PASSES = 4
"""As many as a Pod that ended needs: its outcome, its finalizer, its successor; and one that finds nothing to do."""


class Bench:
    """The simulated cluster beside a store that lives as long as the operator does."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.store = Store(build.RULES, lambda _: None)
        self._tables = tables(self.store)
        self.spent = {"planning": 0.0, "reading": 0.0}
        self._written: dict[Any, float] = {}
        for (kind, _, _), item in world.objects.items():
            self._tables[kind].upsert(item)

    @contextmanager
    def measured(self, what: str = "reading") -> Iterator[None]:
        begin = time.process_time()
        yield
        self.spent[what] += time.process_time() - begin

    def tell(self, item: dict[str, Any]) -> None:
        with self.measured():
            self._tables[item["kind"]].upsert(item)

    def round(self) -> None:
        """Some Pods end, and passes follow."""
        self.world.now += 1
        running = [item for item in self.world.of("Pod", names.COMPONENT_TASK) if item["status"]["phase"] == "Running"]
        for item in running[:ENDING]:
            self.end(item)
        for _ in range(PASSES):
            self.look()

    def milliseconds_per_end(self) -> tuple[float, float]:
        """Of planning and of reading, the median over rounds; a first one is not counted."""
        self.round()
        settled()
        rounds: list[dict[str, float]] = []
        for _ in range(ROUNDS):
            self.spent = {"planning": 0.0, "reading": 0.0}
            self.round()
            rounds.append(self.spent)
        planning, reading = (statistics.median(r[what] for r in rounds) for what in ("planning", "reading"))
        return 1000 * planning / ENDING, 1000 * reading / ENDING

    def look(self) -> None:
        """One pass and its writes, but for those that may wait."""
        for action in self._pass():
            if not self._may_wait(action):
                self._apply(action)

    def _may_wait(self, action: Action) -> bool:
        """As the operator's executor has it: what only counts is told at its own pace."""
        if not isinstance(action, Patch):
            return False
        target = action.ref.kind, action.ref.name
        if self.world.now - self._written.get(target, 0) < action.lazy:
            return True
        self._written[target] = self.world.now
        return False

    def _pass(self) -> tuple[Action, ...]:
        with self.measured("planning"):
            return plan(snapshot(self.store, KEY, self.world.now), lambda _, part: part()).actions

    def _apply(self, action: Action) -> None:
        self.world.do(action)
        match action:
            case Create(kind=kind, manifest=manifest):
                item = self.world.objects[kind, manifest["metadata"]["namespace"], manifest["metadata"]["name"]]
                if kind == "Pod":
                    self._start(item)
                self.tell(item)
            case Patch(ref=ref) | Delete(ref=ref):
                if (found := self.world.objects.get((ref.kind, ref.namespace, ref.name))) is not None:
                    self.tell(found)
                else:
                    with self.measured():
                        self._tables[ref.kind].remove(ref.namespace, ref.name, ref.uid)
            case _:
                pass

    def _start(self, item: dict[str, Any]) -> None:
        started = {"name": "task", "containerID": "c1", "state": {"running": {"startedAt": stamp(self.world.now)}}}
        terms = item["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        item["spec"]["nodeName"] = terms["nodeSelectorTerms"][0]["matchFields"][0]["values"][0]
        item["status"] = {"phase": "Running", "containerStatuses": [started]}

    def end(self, item: dict[str, Any]) -> None:
        end = {"exitCode": 0, "startedAt": stamp(self.world.now), "finishedAt": stamp(self.world.now)}
        item["status"]["phase"] = "Succeeded"
        item["status"]["containerStatuses"][0]["state"] = {"terminated": {**end, "message": build.line(0)}}
        self.tell(self.world.put(item))


def settled() -> None:
    """What is there by now is not searched for garbage, as in the operator."""
    gc.collect()
    gc.freeze()


def a_pool_that_serves() -> World:
    """With one job in it that has no tasks yet."""
    world = World()
    for number in range(NODES):
        status = {"conditions": [{"type": "Ready", "status": "True"}], "nodeInfo": {"bootID": "boot1"}}
        world.put({"kind": "Node", "metadata": {"name": f"node{number:02}"}, "spec": {}, "status": status})
    spec = {"targetDedicatedNodes": NODES, "taskSlotsPerNode": SLOTS, "containerSettings": {"imageName": build.IMAGE}}
    world.put({"kind": "BatchPool", "metadata": {"name": "sample", "namespace": build.NAMESPACE}, "spec": spec})
    spec = {"poolInfo": {"poolId": "sample"}, "usesTaskDependencies": True}
    world.put({"kind": "BatchJob", "metadata": {"name": "demo", "namespace": build.NAMESPACE}, "spec": spec})
    for _ in range(40):
        for action in build.planned(snapshot(world.store(), KEY, world.now)).actions:
            world.do(action)
        world.tick()
    return world


def add_tasks(world: World, count: int, *, chained: bool) -> None:
    """A chained task waits for the one that is as many places ahead as the pool has slots."""
    owner = world.objects["BatchJob", build.NAMESPACE, "demo"]["metadata"]["uid"]
    for number in range(count):
        meta = {
            "name": f"demo.task{number:06}",
            "namespace": build.NAMESPACE,
            "uid": f"3f0c1f5e-0000-4000-8000-{number:012}",
            "ownerReferences": owned_by("BatchJob", "demo", owner),
        }
        spec: dict[str, Any] = {"jobId": "demo", "id": f"task{number:06}", "commandLine": f"/bin/sh -c 'echo {number}'"}
        if chained and number >= NODES * SLOTS:
            spec["dependsOn"] = {"taskIds": [f"task{number - NODES * SLOTS:06}"]}
        world.put({"kind": "BatchTask", "metadata": meta, "spec": spec})


def memory_per_task(size: int) -> float:
    world = World()
    world.put({"kind": "BatchJob", "metadata": {"name": "demo", "namespace": build.NAMESPACE}, "spec": {"poolInfo": {"poolId": "sample"}}})  # fmt: skip
    bench = Bench(world)
    add_tasks(world, size, chained=False)
    tracemalloc.start()
    for item in world.objects.values():
        bench.tell(item)
    gc.collect()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return used / size


def milliseconds_per_change(size: int, *, chained: bool) -> tuple[float, float]:
    """Of planning and of reading, the median over rounds."""
    world = a_pool_that_serves()
    add_tasks(world, size, chained=chained)
    return Bench(world).milliseconds_per_end()


def milliseconds_per_pass(nodes: int) -> float:
    """Of a pass that sees that one of very many tasks has ended, the median."""
    world = full_pool(nodes, SLOTS, WAITING)
    bench = Bench(world)
    for _ in range(PASSES):
        bench.look()
        world.now += 60
    settled()
    passes: list[float] = []
    for item in world.of("Pod", names.COMPONENT_TASK)[:ROUNDS]:
        world.now += 1
        bench.end(item)
        bench.spent["planning"] = 0
        bench.look()
        passes.append(bench.spent["planning"])
        for _ in range(PASSES):
            bench.look()
    return 1000 * statistics.median(passes)


def main() -> None:
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    print(f"{ENDING} of {NODES * SLOTS} running tasks end in each round; milliseconds for each of them")
    print(f"  {'tasks':>10}{'planning':>12}{'reading':>12}{'planning, chained':>20}{'bytes per task':>16}")
    for size in SIZES:
        planning, reading = milliseconds_per_change(size, chained=False)
        chained, _ = milliseconds_per_change(size, chained=True)
        print(
            f"  {size:>10}{planning:>12.2f}{reading:>12.2f}{chained:>20.2f}{memory_per_task(size):>16.0f}", flush=True
        )
    print(f"one task ends in a full pool with {SLOTS} slots for each node; milliseconds for the pass that sees it")
    for nodes in POOLS:
        print(f"  {nodes:>10} nodes{milliseconds_per_pass(nodes):>12.2f}", flush=True)


if __name__ == "__main__":
    main()
