"""One life of the operator: the real wiring on a simulated wire. Kopf's part, feeding the slow kinds, is taken by reflectors."""

from __future__ import annotations

import asyncio

from batchyard.handlers import work
from batchyard.handlers.watches import SLOW_KINDS
from batchyard.kube.client import Client
from batchyard.kube.clock import Clock
from batchyard.kube.lease import Elector, LeaseLost
from batchyard.kube.reflector import Reflector
from batchyard.settings import Settings
from tests.simulation.hub import Hub
from tests.simulation.network import SimulatedWire, Weather
from tests.simulation.virtual_time import VirtualLoop


async def live(settings: Settings, hub: Hub, weather: Weather, *, leased: bool = False) -> None:
    """Returns when the process was killed, or ended because its lease was lost; raises what would have ended it by itself.

    Without a lease it must be the only one.
    """
    wire = SimulatedWire(hub, weather)
    life = asyncio.get_running_loop().create_task(_lead(settings, wire) if leased else _work(settings, Client(wire)))
    try:
        await asyncio.wait({life, wire.dead}, return_when=asyncio.FIRST_COMPLETED)
        if life.done():
            _end(life)
    finally:
        wire.kill()
        life.cancel()
        await asyncio.wait({life})


def _end(life: asyncio.Task[None]) -> None:
    try:
        life.result()
    except* LeaseLost:
        pass  # another one has it, or nobody


async def _lead(settings: Settings, wire: SimulatedWire) -> None:
    """As handlers/operator.py does it."""
    elector = Elector(Client(wire), settings.rules.namespace, settings.lease_name, settings.identity, clock=_clock())
    await elector.acquire()
    async with asyncio.TaskGroup() as group:
        group.create_task(elector.keep(), name="lease")
        group.create_task(_work(settings, Client(wire, guard=elector.assert_held)), name="work")


def _clock() -> Clock:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop.clock()


async def _work(settings: Settings, client: Client) -> None:
    clock = _clock()
    async with asyncio.TaskGroup() as group:
        known = await work.begin(client, settings, [], group, clock)
        for kind in SLOW_KINDS:
            for scope in work.scopes(kind, settings):
                reflector = Reflector(client, scope, known[kind.kind], clock=clock)
                group.create_task(reflector.run(), name=f"watch {kind.plural}")
