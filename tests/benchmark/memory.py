"""What the operator holds of a pool on every slot of which a task runs: MiB, without Python and its libraries. No cluster, no network.

An operator that starts reads everything and looks until nothing is left to do. Held is what stays; the most is while it does so.
"""

from __future__ import annotations

import gc
import sys
import tracemalloc

import orjson

from batchyard.__main__ import GARBAGE_THRESHOLDS
from tests.benchmark.full_pool import full_pool
from tests.benchmark.planning import PASSES, SLOTS, WAITING, Bench
from tests.core.world import World

POOLS = (100, 1_000, 5_000)
MIB = 2**20


def settled(nodes: int) -> World:
    """All that an operator has to say about the pool is said."""
    world = full_pool(nodes, SLOTS, WAITING)
    bench = Bench(world)
    for _ in range(PASSES):
        bench.look()
        world.now += 60
    return world


def megabytes(nodes: int) -> tuple[float, float]:
    """Held, and the most."""
    world = settled(nodes)
    bench = Bench(World())
    bench.world = world
    said = [orjson.dumps(item) for item in world.objects.values()]
    gc.collect()
    tracemalloc.start()
    for line in said:
        bench.tell(orjson.loads(line))
    for _ in range(PASSES):
        bench.look()
    gc.collect()
    held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held / MIB, most / MIB


def main() -> None:
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    print(f"an operator starts beside a full pool with {SLOTS} slots for each node; MiB")
    print(f"  {'nodes':>10}{'running tasks':>16}{'held':>10}{'most':>10}")
    for nodes in map(int, sys.argv[1:] or POOLS):
        held, most = megabytes(nodes)
        print(f"  {nodes:>10}{nodes * SLOTS:>16}{held:>10.1f}{most:>10.1f}", flush=True)


if __name__ == "__main__":
    main()
