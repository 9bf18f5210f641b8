"""What needs a person is told by an Event, once."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.core import people
from batchyard.core.actions import Action, Emit, Patch
from batchyard.core.conditions import Observed
from tests import build


def calls(of: Any, *observed: Observed) -> list[tuple[str, str, str]]:
    return [(each.about.name, each.reason, each.message) for each in people.call(of, observed)]


def says(reason: str, *, status: bool = False, kind: str = "Admitted") -> Observed:
    return Observed(kind, status, reason, "why")


def job(reason: str) -> Any:
    told = {"type": "Admitted", "status": "False", "reason": reason, "lastTransitionTime": "2026-01-01T00:00:00Z"}
    return build.job(status={"state": "active", "conditions": [told]})


@pytest.mark.parametrize(
    ("before", "now", "called"),
    [
        ("WaitingForSlot", "ExceedsPool", True),
        ("ExceedsPool", "ExceedsPool", False),
        ("ExceedsPool", "NotPermitted", True),
        ("ExceedsPool", "WaitingForSlot", False),
    ],
)
def test_a_person_is_called_when_one_is_needed_and_not_again(before: str, now: str, called: bool) -> None:
    assert calls(job(before), says(now)) == ([("demo", now, "why")] if called else [])


def test_a_new_job_calls_at_once_and_one_that_is_admitted_never() -> None:
    assert calls(build.job(status={}), says("Misconfigured")) == [("demo", "Misconfigured", "why")]
    assert calls(build.job(status={}), says("Misconfigured", status=True), says("Misconfigured", kind="Other")) == []


def events(actions: tuple[Action, ...]) -> list[Emit]:
    return [each for each in actions if isinstance(each, Emit)]


def test_a_job_without_its_pool_calls_beside_the_write_that_says_so() -> None:
    view = build.view(build.job(), tasks=build.tasks(build.task()))
    actions = build.planned(build.snapshot(view)).actions
    (event,) = events(actions)
    assert (event.type, event.reason) == ("Warning", "Misconfigured")
    assert "does not exist" in event.message
    assert [each for each in actions if isinstance(each, Patch) and each.ref.kind == "BatchJob"]


def test_a_pool_whose_id_is_taken_calls() -> None:
    (event,) = events(build.planned(build.snapshot(of=build.pool(status={}), clashes_with="Sample")).actions)
    assert (event.about.kind, event.reason) == ("BatchPool", "PoolExists")


def test_a_job_whose_id_is_taken_calls() -> None:
    view = build.view(build.job("later", status={}), clashes_with="first")
    found = events(build.planned(build.snapshot(view, of=build.pool())).actions)
    assert [(each.about.kind, each.reason) for each in found] == [("BatchJob", "JobExists")]
