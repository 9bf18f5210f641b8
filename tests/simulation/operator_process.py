"""One life of the operator: the real wiring on a simulated wire. Kopf's part, feeding the slow kinds, is taken by reflectors."""

from __future__ import annotations

import asyncio

from batchyard.handlers import work
from batchyard.handlers.watches import SLOW_KINDS
from batchyard.kube.client import Client
from batchyard.kube.reflector import Reflector
from batchyard.settings import Settings
from tests.simulation.hub import Hub
from tests.simulation.network import SimulatedWire, Weather
from tests.simulation.virtual_time import VirtualLoop


async def live(settings: Settings, hub: Hub, weather: Weather) -> None:
    """Returns when the process was killed; raises what would have ended it by itself."""
    wire = SimulatedWire(hub, weather)
    life = asyncio.get_running_loop().create_task(_work(settings, wire))
    try:
        await asyncio.wait({life, wire.dead}, return_when=asyncio.FIRST_COMPLETED)
        if life.done():
            life.result()
    finally:
        wire.kill()
        life.cancel()
        await asyncio.wait({life})


async def _work(settings: Settings, wire: SimulatedWire) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    async with Client(wire) as client, asyncio.TaskGroup() as group:
        known = await work.begin(client, settings, [], group, loop.clock())
        for kind in SLOW_KINDS:
            for scope in work.scopes(kind, settings):
                reflector = Reflector(client, scope, known[kind.kind], clock=loop.clock())
                group.create_task(reflector.run(), name=f"watch {kind.plural}")
