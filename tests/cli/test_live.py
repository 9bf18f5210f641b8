"""Progress on a terminal: a bar with numbers, the time that is left, and why tasks wait."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from batchyard.cli.live import shown
from batchyard.cli.session import Session
from batchyard.cli.show.progress import bar
from tests.cli.memory import Memory, Object
from tests.cli.objects import NOW, condition, job

WAITING = condition("Admitted", "False", "WaitingForSlot", "3 tasks waiting; wait")


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (job(), "demo  [------------------------]  0/0"),
        (job(counts={"active": 4}), "demo  [------------------------]  0/4"),
        (
            job(counts={"active": 2, "running": 1, "succeeded": 2, "failed": 1}),
            "demo  [############------------]  3/6  1 failed  1 running  eta 60s",
        ),
        (job(state="terminating", counts={"succeeded": 2}), "demo  [########################]  2/2  terminating"),
    ],
)
def test_bar_shows_how_far_it_is_and_what_is_left(found: Object, text: str) -> None:
    assert bar(found, seconds=60) == text


def test_terminal_sees_the_bar_and_below_it_why_tasks_wait(capsys: pytest.CaptureFixture[str]) -> None:
    moments = iter(NOW + timedelta(seconds=number) for number in range(10_000))

    def now() -> datetime:
        return next(moments)

    with shown(Session(Memory(), "default", now=now, terminal=True)) as show:
        show(job(counts={"active": 4}))
        show(job(conditions=(WAITING,), counts={"active": 3, "succeeded": 3}))
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "demo  [############------------]  3/6  eta" in printed.err
    assert "WaitingForSlot: 3 tasks waiting; wait" in printed.err
