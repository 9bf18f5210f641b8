"""Single integers of a range that are ended or run once more, in whole jobs with crashes between any two writes."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.core.actions import Patch
from tests.core.test_ranges import PERFORM, said, starts, status, sweep, whole
from tests.core.whole_jobs import look, ran, run, state

CRASHES = pytest.mark.parametrize("crash_every", [0, 1, 2])


def answer(world: Any) -> str:
    (told,) = [c for c in status(world)["conditions"] if c["type"] == "Reactivated"]
    return str(told["reason"])


@CRASHES
def test_the_integers_that_are_named_end_and_the_others_run(crash_every: int) -> None:
    """One runs, one waits; neither end asks anything of the job (4.2.4)."""
    world = sweep(1, 8, **PERFORM)
    world.seconds = 20
    run(world, lambda w: len([p for p in w.of("Pod", "task") if p.get("status", {}).get("phase") == "Running"]) == 2)
    world.edit("BatchTask", "demo.sweep", {"terminatedIds": "2,5-6,99"})
    run(world, whole, crash_every)
    assert {(f["failureCode"], f.get("exitCode"), f["ids"]) for f in said(world)["failed"]} == {
        ("TaskEnded", 143, "2"),
        ("TaskEnded", None, "5-6"),
    }
    assert said(world)["succeeded"] == "1,3-4,7-8"
    assert {*starts(world)} == {"1", "2", "3", "4", "7", "8"}
    assert state(world) == "active"


def test_what_has_succeeded_is_not_ended() -> None:
    world = sweep(1, 2)
    run(world, whole)
    world.edit("BatchTask", "demo.sweep", {"terminatedIds": "1"})
    patches = [each for each in look(world).actions if isinstance(each, Patch) and each.ref.kind == "BatchTask"]
    assert [each.body["status"] for each in patches] == [
        {"observedGeneration": 2}
    ]  # the change is seen, and nothing follows from it


@CRASHES
def test_only_the_failed_integers_that_are_named_run_once_more(crash_every: int) -> None:
    mended: list[int] = []
    world = sweep(1, 6, exits=lambda what, *_: int(what in ("2", "4", "5") and not mended))
    run(world, whole, crash_every)
    mended.append(1)
    world.edit("BatchTask", "demo.sweep", {"reactivations": 1, "reactivatedIds": "1,5"})
    run(world, lambda w: status(w).get("reactivations") == 1 and whole(w), crash_every)
    assert (said(world)["succeeded"], said(world)["failed"][0]["ids"]) == ("1,3,5-6", "2,4")
    assert {n: len(ran(world, n)) for n in "12456"} == {"1": 1, "2": 1, "4": 1, "5": 2, "6": 1}
    world.edit("BatchTask", "demo.sweep", {"reactivations": 2, "reactivatedIds": "1"})
    run(world, lambda w: status(w).get("reactivations") == 2, crash_every)
    assert (answer(world), whole(world)) == ("TaskNotCompleted", True)
    world.edit("BatchTask", "demo.sweep", {"reactivations": 3, "reactivatedIds": None})
    run(world, lambda w: status(w).get("reactivations") == 3 and whole(w), crash_every)
    assert said(world)["succeeded"] == "1-6"


def test_an_integer_that_its_user_has_ended_does_not_run_once_more() -> None:
    world = sweep(1, 4, exits=lambda what, *_: int(what == "2"))
    run(world, whole)
    world.edit("BatchTask", "demo.sweep", {"terminatedIds": "2", "reactivations": 1})
    run(world, lambda w: status(w).get("reactivations") == 1)
    assert (answer(world), len(ran(world, "2"))) == ("TaskNotCompleted", 1)
