"""What a range of ten thousand costs: time for each integer that ends, memory, and the size of its status. No cluster, no network.

As in planning.py: a pool of 25 nodes with 4 slots, 20 of 100 running integers end between two looks. The worst case is a range of which
every other integer has succeeded and the rest has failed in turns: no run is longer than one integer.
"""

from __future__ import annotations

import copy
import gc
import tracemalloc
from typing import Any

import orjson

from batchyard.__main__ import GARBAGE_THRESHOLDS
from batchyard.core.intervals import Intervals, text
from batchyard.core.pods.parts import owned_by
from tests import build
from tests.benchmark.planning import Bench, a_pool_that_serves
from tests.core.world import World

SIZE = 10_000
LEFT = 2_000
"""Of the worst case, how many have not ended when the measurement begins."""


def a_range(world: World, status: dict[str, Any] | None = None) -> dict[str, Any]:
    owner = world.objects["BatchJob", build.NAMESPACE, "demo"]["metadata"]["uid"]
    meta = {"name": "demo.sweep", "namespace": build.NAMESPACE, "ownerReferences": owned_by("BatchJob", "demo", owner)}
    spec = {"jobId": "demo", "commandLine": "/bin/sh -c 'echo $AZ_BATCH_TASK_ID'", "range": {"start": 1, "end": SIZE}}
    return world.put({"kind": "BatchTask", "metadata": meta, "spec": spec, "status": status or {}})


def worst(until: int) -> dict[str, Any]:
    """Neighbours never end alike."""
    sets = [Intervals((n, n) for n in range(first, until + 1, 3)) for first in (1, 2, 3)]
    good, *bad = (text(each) for each in sets)
    failed = [{"failureCode": "FailureExitCode", "exitCode": n, "ids": ids} for n, ids in enumerate(bad, 1)]
    return {"state": "running", "range": {"succeeded": good, "failed": failed}}


def milliseconds_per_end(status: dict[str, Any] | None) -> tuple[float, float, int]:
    """Of planning and of reading, the median over rounds; and the bytes of the status in the end."""
    world = a_pool_that_serves()
    a_range(world, status)
    planning, reading = Bench(world).milliseconds_per_end()
    (task,) = world.of("BatchTask")
    return planning, reading, len(orjson.dumps(task["status"]))


def memory(status: dict[str, Any] | None) -> int:
    world = World()
    world.put({"kind": "BatchJob", "metadata": {"name": "demo", "namespace": build.NAMESPACE}, "spec": {"poolInfo": {"poolId": "sample"}}})  # fmt: skip
    bench = Bench(world)
    item = a_range(world, status)
    tracemalloc.start()
    bench.tell(copy.deepcopy(item))
    del item
    gc.collect()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return used


def main() -> None:
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    print(f"a range of {SIZE}; milliseconds for each integer that ends, bytes")
    print(f"  {'outcomes':>24}{'planning':>12}{'reading':>12}{'status':>12}{'in memory':>12}")
    for name, status in (("all succeed", None), ("no neighbours alike", worst(SIZE - LEFT))):
        planning, reading, size = milliseconds_per_end(status)
        print(f"  {name:>24}{planning:>12.2f}{reading:>12.2f}{size:>12}{memory(status):>12}", flush=True)


if __name__ == "__main__":
    main()
