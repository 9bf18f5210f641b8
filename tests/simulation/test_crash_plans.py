from __future__ import annotations

import pytest
from typing_extensions import override

from tests.simulation import crash_plans
from tests.simulation.crash_plans import Extent, Plan
from tests.simulation.workloads import WORKLOADS

SLICE = Extent(singles=15, pairs=600)
"""What `make simulate` plays whole."""


SPLIT_OFF = Plan("no_preparation", ((9, "crash, answer lost"),))


class OnlyThat(Extent):
    @override
    def includes(self, plan: Plan) -> bool:
        return plan == SPLIT_OFF


@pytest.mark.parametrize("workload", WORKLOADS)
def test_nothing_is_lost_or_done_twice_whatever_goes_wrong_at_a_write(workload: str) -> None:
    _, found = crash_plans.results(workload, SLICE)
    assert found
    assert {plan: complaints for plan, complaints in found.items() if complaints} == {}


def test_a_plan_is_the_same_life_alone_and_split_off() -> None:
    told: dict[str, list[str]] = {}
    crash_plans.explore(SPLIT_OFF.workload, OnlyThat(), told.__setitem__)
    assert told == {str(SPLIT_OFF): [SPLIT_OFF.play().trace]}
