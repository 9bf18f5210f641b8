"""L6: how long an operator that has just been started needs until it is useful, and what that costs.

The operator itself, in a process of its own, and the simulation's API server with a full pool in it: 10,000 tasks run, and the
Pods of some have ended while there was no operator. Measured is until it has written all these ends down.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from batchyard.api import names
from batchyard.kube.kinds import BATCH_TASK
from tests import build
from tests.benchmark import cost
from tests.benchmark.full_pool import full_pool
from tests.benchmark.planning import KEY, Bench
from tests.benchmark.served import Served
from tests.cluster import kubeconfig
from tests.core.world import World
from tests.simulation.api.served import RESOURCES
from tests.simulation.api.server import ApiServer

NODES, SLOTS, WAITING, ENDED = 1_250, 8, 100, 100
PASSES = 3
"""Until every Pod has been asked for and every task is said to run."""
MOST_SECONDS = 600
USEFUL_SECONDS = 60
"""L6: by then the first write has been made."""
API_VERSIONS = {each.kind.kind: each.kind.api_version for each in RESOURCES}


def left_behind() -> World:
    """By the operator that was there before: its own Pods, put there by its own plans."""
    world = full_pool(NODES, 0, NODES * SLOTS + WAITING, time.time() - 60)
    world.edit("BatchPool", KEY[1], {"taskSlotsPerNode": SLOTS})
    bench = Bench(world)
    for _ in range(PASSES):
        world.now += 3
        bench.look()
    for item in world.of("Pod", names.COMPONENT_TASK)[:ENDED]:
        bench.end(item)
    return world


def served(world: World) -> ApiServer:
    api = ApiServer(time.time)
    for name in (build.RULES.namespace, build.NAMESPACE):
        api.restore({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "uid": name}})
    for item in world.objects.values():
        api.restore({"apiVersion": API_VERSIONS[item["kind"]], **item})
    return api


async def main() -> None:
    world = left_behind()
    pods = len(world.of("Pod"))
    server = Served(served(world))
    del world
    url = await server.start()
    with _environment(url) as config:
        begun = time.monotonic()
        operator = await asyncio.create_subprocess_exec(sys.executable, "-m", "batchyard", env={**os.environ, **config})
        try:
            await _either(server.written(ENDED, f"/{BATCH_TASK.plural}/"), operator.wait())
            _tell(server, begun, Path("/proc") / str(operator.pid), pods)
            _judge(server.writes[0][0] - begun)
        finally:
            if operator.returncode is None:
                operator.terminate()
                await operator.wait()
            await server.end()


async def _either(useful: Coroutine[Any, Any, object], over: Coroutine[Any, Any, object]) -> None:
    tasks = [asyncio.ensure_future(each) for each in (useful, over)]
    await asyncio.wait(tasks, timeout=MOST_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    for each in tasks:
        each.cancel()
    if not tasks[0].done():
        raise SystemExit(f"the operator has ended, or was of no use for {MOST_SECONDS} s")


def _tell(server: Served, begun: float, process: Path, pods: int) -> None:
    rows = {
        "first write, s": server.writes[0][0] - begun,
        f"{ENDED} ends recorded, s": server.writes[-1][0] - begun,
        "CPU until then, s": cost.cpu_seconds(process),
        "peak memory (RSS), MB": cost.peak_rss_mb(process),
        "writes until then": len(server.writes),
        "lists, pages of 500": server.lists,
        "received, MB": server.bytes_sent / 1e6,
    }
    print(
        f"restart beside {pods} Pods, {NODES * SLOTS + WAITING} tasks, {NODES} nodes; {ENDED} tasks have ended meanwhile"
    )
    for name, value in rows.items():
        print(f"  {name:<36}{value:>10.1f}")


def _judge(seconds: float) -> None:
    if seconds > USEFUL_SECONDS:
        raise SystemExit(f"L6: the first write came after {seconds:.1f} s, not within {USEFUL_SECONDS} s")


@contextmanager
def _environment(url: str) -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kubeconfig"
        path.write_text(json.dumps(kubeconfig.content({"server": url}, {})))
        yield {
            "KUBECONFIG": str(path),
            "BATCHYARD_NAMESPACE": build.RULES.namespace,
            "BATCHYARD_IMAGE": build.RULES.image,
            "BATCHYARD_LOG_LEVEL": "WARNING",
            "BATCHYARD_METRICS_PORT": "0",
            "BATCHYARD_HEALTH_PORT": "0",
        }


if __name__ == "__main__":
    asyncio.run(main())
