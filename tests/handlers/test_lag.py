from __future__ import annotations

import asyncio
import time

import pytest
from prometheus_client import REGISTRY

from batchyard.handlers import lag
from tests.kube.eventually import eventually


def found(part: str) -> float:
    return REGISTRY.get_sample_value(f"batchyard_event_loop_lag_seconds_{part}") or 0


async def test_what_holds_the_loop_up_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lag, "EVERY_SECONDS", 0.01)
    count, late = found("count"), found("sum")
    task = asyncio.create_task(lag.measure())
    await eventually("it has been measured", lambda: found("count") > count)
    time.sleep(0.3)  # noqa: ASYNC251 - this is what nobody should do
    await eventually("it is known", lambda: found("sum") - late > 0.25)
    task.cancel()
