from __future__ import annotations

import asyncio

import pytest
from typing_extensions import override

from batchyard.kube.request import Request
from tests.simulation import virtual_time
from tests.simulation.simulation import Result, Simulation
from tests.simulation.size import LARGE
from tests.simulation.stories import Story
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


class LateNews(Fair):
    """Each operator hears of what the other has done up to half a second later."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape

    @override
    def lag(self, call: Request) -> float:
        return self._tape.between("lag", 0.01, 0.5)


@pytest.mark.parametrize("seed", [0, 2, 4, 7])
def test_two_operators_that_share_no_lease_may_take_too_many_slots_and_break_no_other_rule(seed: int) -> None:
    """As two releases of the chart that watch one namespace: every write but the making of a Pod is refused to the one who comes late.

    Each counts the tasks that it has heard of, so counts of a job may fall when the one who is behind tells them.
    """
    loop, tape = VirtualLoop(), Tape(seed)

    async def main() -> Result:
        simulation = Simulation(loop, tape, LateNews(tape))
        simulation.second_operator(1e6)
        return await simulation.play(Story(tape, LARGE).play)

    result = virtual_time.run(main(), loop)
    assert [each for each in result.complaints if not each.startswith("S12:") and " fell by " not in each] == []
