from __future__ import annotations

import asyncio

from tests.simulation import virtual_time
from tests.simulation.simulation import Result, Simulation
from tests.simulation.tape import Tape
from tests.simulation.user import User
from tests.simulation.virtual_time import VirtualLoop
from tests.simulation.weather import Fair

CUT_SECONDS = 20.0
"""Longer than a standby waits for a lease, shorter than a leader would need to hear of it from anybody but its own clock."""


def test_leader_that_was_cut_off_writes_no_more_when_it_is_back() -> None:
    loop = VirtualLoop()

    async def main() -> Result:
        simulation = Simulation(loop, Tape(1), Fair(), leased=True)

        async def script(user: User) -> None:
            simulation.second_operator(3600)
            user.pool()
            user.job()
            user.task("first")
            await user.until_completed()
            simulation.cut_off(CUT_SECONDS)
            for number in range(int(2 * CUT_SECONDS)):  # there is always something to write
                user.task(f"task{number}", commandLine="work 1")
                await asyncio.sleep(1)
            await user.until_succeeded(of=int(2 * CUT_SECONDS) + 1)
            await user.delete_job()
            assert simulation.holder() != "operator-1"

        return await simulation.play(script)

    result = virtual_time.run(main(), loop)
    assert result.complaints == []
