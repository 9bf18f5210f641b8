"""The status of a range stays small whatever becomes of its integers, and loses no word about any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchyard.api.job import Job
from batchyard.api.states import JobAction
from batchyard.core.actions import Patch
from batchyard.core.conditions import MESSAGE_LIMIT, Observed, merge
from batchyard.core.facts import PodFacts, TaskFacts
from batchyard.core.tasks import range_status
from batchyard.core.tasks.evictions import Fate
from batchyard.core.tasks.histories import MOST
from batchyard.core.tasks.outcomes import Surroundings, settle
from batchyard.core.tasks.ranges import member
from batchyard.core.tasks.verdicts import Ended, Lost, Verdict
from batchyard.core.times import stamp
from batchyard.kube.observe import task as read
from batchyard.node.protocol import RunResult
from tests import build
from tests.core.world import World

LIMIT = 64 * 1024
LISTENS = build.job(onTaskFailure="performexitoptionsjobaction")


class Sweep:
    """A range task that is written to and read back."""

    def __init__(self, start: int, end: int, **spec: Any) -> None:
        self.world = World()
        spec = {"jobId": "demo", "commandLine": "true", "range": {"start": start, "end": end}, **spec}
        self.world.put({"kind": "BatchTask", "metadata": {"name": "demo.sweep", "namespace": build.NAMESPACE}, "spec": spec})  # fmt: skip

    @property
    def raw(self) -> dict[str, Any]:
        (found,) = self.world.of("BatchTask")
        return found

    @property
    def task(self) -> TaskFacts:
        return read(self.raw)

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = self.raw["status"]["range"]
        return found

    def tell(self, verdicts: dict[int, Verdict], job: Job = LISTENS, fate: Fate | None = None, pods: Iterable[PodFacts] = ()) -> int:  # fmt: skip
        """What one pass writes about these ends, and how many writes that takes."""
        task, words = self.task, []
        around = Surroundings(build.T0, job_max_retries=-1, max_recoveries=10**6, fate=fate)
        for number, verdict in verdicts.items():
            one = member(task, number)
            patch = settle(one, verdict, around, {})
            assert isinstance(patch, Patch)
            words.append((one, patch.body["status"]))
        actions = [*range_status.plan(task, words, job, pods, build.T0)]
        for action in actions:
            self.world.do(action)
        return len(actions)

    @property
    def size(self) -> int:
        """With every condition that a task can have, each as long as it may be."""
        kinds = ("Admitted", "Placed", "Reactivated", "Stalled", "Unsupported")
        long = [Observed(kind, status=True, reason="A" * 40, message="x" * MESSAGE_LIMIT) for kind in kinds]
        status = {**self.raw["status"], "conditions": merge((), long, now=build.T0, generation=1)}
        return len(orjson.dumps(status))


def ended(code: int | None, word: str = "") -> Ended:
    return Ended(RunResult(code, None, None, code=word))


def sometimes(chance: Random, verdicts: Callable[[Random], Verdict], sweep: Sweep, share: float) -> dict[int, Verdict]:
    indexes = sweep.task.indexes
    assert indexes is not None
    return {n: verdicts(chance) for n in indexes.open if chance.random() < share}


def anything(chance: Random) -> Verdict:
    """Every kind of end that a Pod can have, and words of its own making too."""
    return chance.choice(
        (
            ended(0),
            ended(chance.randrange(1, 256)),
            ended(chance.randrange(-(2**31), 2**31), chance.choice(("TaskEnded", "DiskFull", "x" * 128))),
            ended(None, chance.choice(("CommandProgramNotFound", "CommandLaunchFailed", f"Code{chance.random()}"))),
            Lost("PodDeleted"),
        )
    )


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from((0, 1, 1_000, 1_500, 999_999, 2**31 - 10_000)))
def test_status_of_ten_thousand_stays_under_64_kib_whatever_happens(seed: int, start: int) -> None:
    chance, sweep = Random(seed), Sweep(start, start + 9_999)
    for fate in (None, Fate.REQUEUE, None, Fate.TERMINATE):
        sweep.tell(sometimes(chance, anything, sweep, 1 if fate is Fate.TERMINATE else 0.3), fate=fate)
        assert sweep.size < LIMIT
        sweep.tell({})  # room is made for more histories
        assert sweep.size < LIMIT
    counts = sweep.said["counts"]
    assert counts["succeeded"] + counts["failed"] == 10_000


@pytest.mark.parametrize("start", [0, 1, 1_500, 2**31 - 10_000])
def test_status_stays_small_when_no_two_neighbours_end_alike(start: int) -> None:
    """The longest text there can be: every integer stands alone."""
    sweep = Sweep(start, start + 9_999)
    for turn in range(3):
        sweep.tell({start + n: ended((0, 1, 2)[turn], "") for n in range(turn, 10_000, 3)}, fate=Fate.TERMINATE)
        assert sweep.size < LIMIT
    assert sweep.task.state == "completed"


def test_outcomes_that_came_at_once_take_one_write() -> None:
    sweep = Sweep(1, 100)
    assert sweep.tell({n: ended(n % 2) for n in range(1, 51)}, fate=Fate.TERMINATE) == 1
    assert sweep.said["counts"] == {"active": 50, "succeeded": 25, "failed": 25}


def test_histories_are_made_fewer_and_those_with_a_pod_keep_their_own() -> None:
    sweep, runs = Sweep(1, 40), dict.fromkeys(range(1, 41), 0)
    for number in runs:
        for _ in range(number):
            assert sweep.task.indexes is not None
            sweep.tell({number: ended(1)}, pods=())
    before = sweep.task
    assert before.indexes is not None
    runner = member(before, 7)
    sweep.tell({}, pods=[build.pod(of=runner, phase="Running", labels={"batchyard.io/index": "7"})])
    after = sweep.task.indexes
    assert after is not None
    assert len(after.tried) <= MOST
    assert after.history(7) == before.indexes.history(7)
    assert all(after.history(n).retry_count >= before.indexes.history(n).retry_count for n in runs)


def test_failures_of_too_many_kinds_are_not_told_apart() -> None:
    sweep = Sweep(1, 200)
    sweep.tell({n: ended(n) for n in range(1, 201)}, fate=Fate.TERMINATE)
    kinds = sweep.said["failed"]
    assert len(kinds) == range_status.MOST_FAILURES + 1
    (other,) = [each for each in kinds if each["failureCode"] == "Other"]
    assert "exitCode" not in other


def test_exit_conditions_are_kept_where_exit_codes_are_not_told_apart() -> None:
    """Whether dependants may start, and what is asked of the job, is never lost."""
    options = {"code": 190, "exitOptions": {"dependencyAction": "satisfy", "jobAction": "none"}}
    disable = {"default": {"jobAction": "disable"}}
    sweep = Sweep(1, 200, exitConditions={"exitCodes": [options], **disable})
    verdicts: dict[int, Verdict] = {n: ended(n) for n in range(1, 201)}
    around = Surroundings(build.T0, job_max_retries=0, max_recoveries=1)
    task = sweep.task
    words = []
    for number, verdict in verdicts.items():
        patch = settle(one := member(task, number), verdict, around, {})
        assert isinstance(patch, Patch)
        words.append((one, patch.body["status"]))
    for action in range_status.plan(task, words, LISTENS, (), build.T0):
        sweep.world.do(action)
    found = sweep.task.indexes
    assert found is not None
    assert [*found.runs(satisfying=True)] == [(190, 190)]
    assert 190 not in {n for how, those in found.ended.items() if how.asks == "disable" for n in those}


def test_a_range_that_is_completed_waits_for_no_room_any_more() -> None:
    """However lately a node had none for one of its Pods."""
    sweep = Sweep(1, 2)
    waits = merge((), [Observed("Placed", status=False, reason="Unschedulable")], now=build.T0, generation=1)
    sweep.raw["status"] = {"conditions": waits, "placementFailure": {"nodeId": "node1", "time": stamp(build.T0)}}
    sweep.tell({1: ended(0)})
    assert sweep.raw["status"]["conditions"][0]["status"] == "False"
    sweep.tell({2: ended(0)})
    assert sweep.raw["status"]["conditions"][0]["status"] == "True"
    assert "placementFailure" not in sweep.raw["status"]


def test_a_job_that_does_not_listen_is_asked_nothing() -> None:
    sweep = Sweep(1, 2)
    sweep.tell({1: ended(1)}, job=build.job(), fate=Fate.TERMINATE)
    assert "jobAction" not in sweep.said["failed"][0]


def test_that_its_word_was_heard_leaves_the_end_of_a_range_as_it_was() -> None:
    """S14."""
    once: dict[str, Any] = {"constraints": {"maxTaskRetryCount": 0}}
    sweep = Sweep(1, 2, exitConditions={"exitCodes": [{"code": 1, "exitOptions": {"jobAction": "disable"}}]}, **once)
    sweep.tell({1: ended(1), 2: ended(0)})
    before, asks = sweep.raw["status"]["executionInfo"], [sweep.task.asks_of_job]
    sweep.world.do(range_status.heard(sweep.task, JobAction.DISABLE, build.T0 + 60))
    asks.append(sweep.task.asks_of_job)
    assert asks == [JobAction.DISABLE, JobAction.NONE]
    assert sweep.raw["status"]["executionInfo"] == before
