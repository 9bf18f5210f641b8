"""What a job asks of the scheduler."""

from __future__ import annotations

from dataclasses import replace

from batchyard.core.tasks.placements import Candidate, queue
from tests import build


def test_whether_a_range_fits_is_found_once_and_not_for_each_integer() -> None:
    sweep = build.task("sweep", spec={"commandLine": "true"}, index=1)
    fits = queue(Candidate(build.view(build.job()), build.job(), {}), build.pool(), build.T0).fits
    assert fits(sweep)
    assert fits(replace(sweep, index=2, spec=b"is not read again"))


def test_no_integer_of_a_range_fits_when_a_node_had_no_room_for_one() -> None:
    sweep = build.task("sweep", spec={"commandLine": "true"}, asks="much", index=1)
    view = build.view(build.job(), tasks=replace(build.tasks(sweep), avoiding={sweep.ref.uid: sweep}))
    fits = queue(Candidate(view, build.job(), {}), build.pool(), build.T0).fits
    assert not fits(sweep)
    assert not fits(replace(sweep, index=2))
