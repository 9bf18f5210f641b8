from __future__ import annotations

import pytest

from tests.simulation.crash_plans import Plan
from tests.simulation.workloads import WORKLOADS


@pytest.mark.parametrize("workload", WORKLOADS)
def test_every_rule_holds_and_all_is_quiet_when_nothing_goes_wrong(workload: str) -> None:
    assert Plan(workload).play().complaints == []


def test_the_same_seed_is_the_same_life() -> None:
    assert Plan("whole_life").play().trace == Plan("whole_life").play().trace
