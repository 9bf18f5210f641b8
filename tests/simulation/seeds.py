"""A life drawn from one number: a story in a storm. Failing seeds are kept, and shrunk to the faults that matter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from tests.simulation import virtual_time
from tests.simulation.disturbances import Disturbances
from tests.simulation.simulation import QUIET_SECONDS, Result, Simulation
from tests.simulation.size import drawn
from tests.simulation.stories import Story
from tests.simulation.storm import Storm
from tests.simulation.tape import Fault, Tape
from tests.simulation.virtual_time import VirtualLoop

FORGETTING = 0.3


def play(seed: int, only: Iterable[Fault] | None = None) -> Result:
    """With `only`, of all that goes wrong under this seed just these faults happen."""
    loop, tape = VirtualLoop(), Tape(seed, only)
    most = drawn(tape)

    async def main() -> Result:
        storm = Storm(loop.time, tape, most.storm_seconds)
        leased = storm.rate("second operator", 1) > 0
        quiet = most.leased_quiet_seconds if leased else QUIET_SECONDS
        simulation = Simulation(loop, tape, storm, leased=leased, quiet_seconds=quiet)
        disturbances = Disturbances(simulation.cluster, storm, tape, simulation.second_operator)

        async def script(_: object) -> None:
            for machine in simulation.cluster.nodes.machines.values():
                machine.forgets = storm.rate("kubelet.second start", FORGETTING)
            async with asyncio.TaskGroup() as group:
                group.create_task(disturbances.rage())
                group.create_task(Story(tape, most).play(simulation.user))

        return await simulation.play(script)

    return virtual_time.run(main(), loop)


def complaints(seed: int) -> list[str]:
    try:
        return play(seed).complaints
    except Exception as error:  # noqa: BLE001 - whatever it is, this seed shows it
        return [f"{type(error).__name__}: {error}"]


def shrink(faults: Sequence[Fault], fails: Callable[[Sequence[Fault]], bool]) -> list[Fault]:
    """As few of the faults as still fail: halves are left out first, then smaller and smaller parts (delta debugging)."""
    left, size = list(faults), max(1, len(faults) // 2)
    while True:
        for start in range(0, len(left), size):
            rest = left[:start] + left[start + size :]
            if fails(rest):
                left = rest
                break
        else:
            if size == 1:
                return left
            size = max(1, size // 2)


def shrunk(seed: int) -> list[Fault]:
    """The shortest tape under which the seed breaks a rule that it breaks now."""
    result = play(seed)
    rules = {complaint.partition(":")[0] for complaint in result.complaints}

    def fails(faults: Sequence[Fault]) -> bool:
        return any(complaint.partition(":")[0] in rules for complaint in play(seed, faults).complaints)

    return shrink(result.taken, fails)
