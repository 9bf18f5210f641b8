"""Conditions as the API conventions want them."""

from __future__ import annotations

from typing import Any

from batchyard.core.conditions import MESSAGE_LIMIT, Observed, merge
from batchyard.core.times import stamp
from tests import build

READY = Observed("Ready", status=True, reason="Yes")


def again(seen: Observed, before: list[dict[str, Any]]) -> dict[str, Any]:
    return merge(before, [seen], now=build.T0 + 60, generation=2)[0]


def test_the_transition_time_moves_only_when_the_status_does() -> None:
    before = merge([], [READY], now=build.T0, generation=1)
    assert again(Observed("Ready", status=True, reason="Other"), before)["lastTransitionTime"] == stamp(build.T0)
    assert again(Observed("Ready", status=False, reason="No"), before)["lastTransitionTime"] == stamp(build.T0 + 60)


def test_a_condition_that_nobody_observed_stays() -> None:
    before = merge([], [READY], now=build.T0, generation=1)
    merged = merge(before, [Observed("Other", status=True, reason="Yes")], now=build.T0, generation=1)
    assert [c["type"] for c in merged] == ["Other", "Ready"]


def test_a_long_message_is_cut() -> None:
    assert len(again(Observed("Ready", status=True, reason="Yes", message="x" * 9999), [])["message"]) == MESSAGE_LIMIT
