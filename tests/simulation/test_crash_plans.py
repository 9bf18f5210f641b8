from __future__ import annotations

import pytest

from tests.simulation import crash_plans
from tests.simulation.crash_plans import Extent, Plan
from tests.simulation.workloads import WORKLOADS

SLICE = Extent(singles=15, pairs=600)
"""What `make simulate` plays whole."""


@pytest.mark.parametrize("workload", WORKLOADS)
def test_nothing_is_lost_or_done_twice_whatever_goes_wrong_at_a_write(workload: str) -> None:
    _, found = crash_plans.results(workload, SLICE)
    assert found
    assert {plan: complaints for plan, complaints in found.items() if complaints} == {}


def test_a_plan_is_the_same_life_alone_and_split_off() -> None:
    plan = Plan("no_preparation", ((9, "crash, answer lost"),))
    alone = plan.play()
    assert alone.complaints == []
    assert alone.trace == plan.play().trace
