from __future__ import annotations

import pytest

from batchyard.kube.backoff import Backoff, delay


@pytest.mark.parametrize(
    ("failures", "chance", "expected"),
    [(0, 0.9, 0.0), (1, 0.0, 0.5), (2, 0.0, 1.0), (3, 0.0, 2.0), (3, 0.5, 1.5), (20, 0.0, 30.0), (10_000, 0.0, 30.0)],
)
def test_delay_doubles_up_to_a_bound(failures: int, chance: float, expected: float) -> None:
    assert delay(failures, chance) == expected


def test_server_may_ask_for_more() -> None:
    assert Backoff().failure(at_least=60) == 60


def test_success_starts_over() -> None:
    backoff = Backoff()
    for _ in range(8):
        backoff.failure()
    backoff.success()
    assert backoff.failure() <= 0.5
