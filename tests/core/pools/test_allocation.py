"""How far a resize has come, and what is said when it takes too long (Azure 1.2)."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.core.pools.allocation import Allocation, Size, allocation
from batchyard.core.times import stamp
from tests import build
from tests.build import T0

TIMEOUT = 15 * 60
TOLD: dict[str, Any] = {"allocationState": "steady", "resizeErrors": [{"code": "AllocationTimedout"}]}


def found(current: int, target: int = 5, *, now: float = T0, generation: int = 1, matching: int = 3, leaving: int = 0, **status: Any) -> Allocation:  # fmt: skip
    before = {"allocationStateTransitionTime": stamp(T0), "observedGeneration": 1, **status} if status else {}
    pool = build.pool(status=before, meta={"generation": generation}, nodeSelector={"batch": "true"})
    return allocation(pool, (Size("dedicated", current, target, matching, leaving),), now)


@pytest.mark.parametrize(
    ("case", "state", "since"),
    [
        ({"current": 0}, "resizing", T0),
        ({"current": 5}, "steady", T0),
        ({"current": 3, "allocationState": "resizing", "now": T0 + 60}, "resizing", T0),
        ({"current": 5, "allocationState": "resizing", "now": T0 + 60}, "steady", T0 + 60),
        ({"current": 5, "allocationState": "steady", "now": T0 + 60}, "steady", T0),
        ({"current": 4, "allocationState": "steady", "now": T0 + 60}, "resizing", T0 + 60),
        ({"current": 5, "leaving": 1, "allocationState": "resizing", "now": T0 + 60}, "resizing", T0),
        ({"current": 3, **TOLD, "generation": 2, "now": T0 + 60}, "resizing", T0 + 60),
        ({"current": 5, **TOLD, "now": T0 + 60}, "steady", T0),
    ],
)
def test_pool_is_resizing_until_it_has_its_nodes(case: dict[str, Any], state: str, since: float) -> None:
    now_in = found(**case)
    assert (now_in.state, now_in.since, now_in.errors) == (state, since, ())


@pytest.mark.parametrize(
    "case",
    [
        {"allocationState": "resizing", "now": T0 + TIMEOUT},
        {**TOLD, "now": T0 + 9 * TIMEOUT},
    ],
)
def test_resize_that_takes_too_long_says_what_is_missing_and_what_to_do(case: dict[str, Any]) -> None:
    now_in = found(3, **case)
    (error,) = now_in.errors
    assert (now_in.state, error["code"]) == ("steady", "AllocationTimedout")
    for text in ("3 of 5 dedicated nodes after PT15M", "3 Nodes", "nodeSelector (batch=true)", "lower targetDedicatedNodes"):  # fmt: skip
        assert text in error["message"]


def test_resize_that_waits_for_running_tasks_too_long_says_so() -> None:
    (error,) = found(6, 5, allocationState="resizing", now=T0 + TIMEOUT).errors
    assert "1 are leaving, nodeDeallocationOption requeue" in error["message"]


def test_pass_looks_again_when_the_resize_times_out() -> None:
    status = {"allocationState": "resizing", "allocationStateTransitionTime": stamp(T0), "observedGeneration": 1}
    pool = build.pool(status=status)
    assert build.planned(build.snapshot(of=pool, now=T0 + 1)).wake_at == T0 + TIMEOUT
