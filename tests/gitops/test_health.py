"""What Helm 4, Flux and Argo CD make of pools, jobs and tasks at every moment of their lives. What they go by: docs/gitops.md."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.core.whole_jobs import completed
from tests.core.whole_pools import running
from tests.core.world import Raw
from tests.gitops.judging import Verdict, judge
from tests.gitops.moments import (
    DISABLED,
    ENDS,
    FAILS,
    FAILS_TO_START,
    added,
    deleted,
    edited,
    in_want,
    job,
    job_is,
    pool,
    quiet,
    says,
    started,
    steady,
    unreadable,
    upto,
)

Moment = Callable[[], Raw]
WORKS = "InProgress", "Progressing"
IS_DONE = "Current", "Healthy"
HAS_FAILED = "Failed", "Degraded"
RESTS = "Current", "Suspended"
GOES = "Terminating", "Progressing"

JOBS: dict[str, tuple[Moment, tuple[str, str], str]] = {
    "new": (lambda: job(started("t1")), WORKS, "observed generation is -1"),
    "running": (lambda: job(upto(started("t1"), running("node1"))), WORKS, "0/1 tasks completed, 0 failed"),
    "without a pool": (
        lambda: job(upto(started("t1", poolInfo={"poolId": "none"}), says("BatchJob", "demo", "Misconfigured"))),
        WORKS,
        "'none' does not exist",
    ),
    "open for more": (
        lambda: job(upto(upto(started("t1"), completed), quiet)),
        WORKS,
        "1/1 tasks completed, 0 failed; it stays active",
    ),
    "terminating": (lambda: job(upto(started("t1", **ENDS), job_is("terminating"))), WORKS, "1/1 tasks completed"),
    "completed": (lambda: job(upto(started("t1", "t2", **ENDS), job_is("completed"))), IS_DONE, ""),
    "with a task that failed, so far": (
        lambda: job(upto(upto(started("t1", **FAILS), completed), quiet)),
        WORKS,
        "1 failed",
    ),
    "completed with a task that failed": (
        lambda: job(upto(started("t1", "t2", **ENDS, **FAILS), job_is("completed"))),
        HAS_FAILED,
        "2/2 tasks completed, 1 failed",
    ),
    "out of time": (
        lambda: job(upto(started("t1", seconds=99, constraints={"maxWallClockTime": "PT20S"}), job_is("completed"))),
        HAS_FAILED,
        "maxWallClockTime ran out",
    ),
    "disabling": (
        lambda: job(
            upto(
                edited(upto(started("t1", seconds=30), running("node1")), "BatchJob", "demo", **DISABLED),
                job_is("disabling"),
            )
        ),
        WORKS,
        "waiting for",
    ),
    "disabled": (lambda: job(upto(started("t1", **DISABLED), job_is("disabled"))), RESTS, ""),
    "completed, then edited": (
        lambda: job(edited(upto(started("t1", **ENDS), job_is("completed")), "BatchJob", "demo", priority=5)),
        WORKS,
        "generation is 2",
    ),
    "completed, edited, seen": (
        lambda: job(
            upto(edited(upto(started("t1", **ENDS), job_is("completed")), "BatchJob", "demo", priority=5), quiet)
        ),
        IS_DONE,
        "",
    ),
    "being deleted": (
        lambda: job(deleted(upto(started("t1", **ENDS), job_is("completed")), "BatchJob", "demo")),
        GOES,
        "",
    ),
    "with an id that another has": (
        lambda: job(
            upto(
                added(started("t1"), "BatchJob", "second", id="Demo", poolInfo={"poolId": "sample"}),
                says("BatchJob", "second", "JobExists"),
            ),
            "second",
        ),
        HAS_FAILED,
        "'demo' has the same id",
    ),
    "unreadable": (
        lambda: job(unreadable(added(started("t1"), "BatchJob", "bad", poolInfo={"poolId": 7})), "bad"),
        HAS_FAILED,
        "cannot be used",
    ),
}
POOLS: dict[str, tuple[Moment, tuple[str, str], str]] = {
    "new": (lambda: pool(started()), WORKS, "observed generation is -1"),
    "starting": (lambda: pool(upto(started(), says("BatchPool", "sample", "NodesStarting"))), WORKS, "0 of 2 nodes"),
    "steady": (lambda: pool(upto(started(), says("BatchPool", "sample", "TargetReached"))), IS_DONE, ""),
    "of no nodes": (
        lambda: pool(upto(edited(started(), "BatchPool", "sample", targetDedicatedNodes=0), steady)),
        IS_DONE,
        "",
    ),
    "with too few Nodes": (
        lambda: pool(
            upto(
                edited(started(), "BatchPool", "sample", targetDedicatedNodes=3),
                says("BatchPool", "sample", "NoMatchingNodes"),
            )
        ),
        WORKS,
        "of 3 dedicated nodes found",
    ),
    "with too few Nodes for too long": (
        lambda: pool(
            upto(
                edited(started(), "BatchPool", "sample", targetDedicatedNodes=3, resizeTimeout="PT5M"),
                in_want,
            )
        ),
        HAS_FAILED,
        "2 of 3 dedicated nodes after PT5M",
    ),
    "with a start task that failed": (
        lambda: pool(
            upto(
                edited(started(**FAILS_TO_START), "BatchPool", "sample", startTask={"commandLine": "false"}),
                says("BatchPool", "sample", "StartTaskFailed"),
            )
        ),
        HAS_FAILED,
        "correct startTask",
    ),
    "with an id that another has": (
        lambda: pool(
            upto(added(started("t1"), "BatchPool", "later", id="SAMPLE"), says("BatchPool", "later", "PoolExists")),
            "later",
        ),
        HAS_FAILED,
        "'sample' has the same id",
    ),
    "unreadable": (
        lambda: pool(unreadable(added(started("t1"), "BatchPool", "bad", targetDedicatedNodes="many")), "bad"),
        HAS_FAILED,
        "cannot be used",
    ),
    "that shrinks": (
        lambda: pool(
            upto(
                edited(
                    upto(started("t1", seconds=40), running("node1")),
                    "BatchPool",
                    "sample",
                    targetDedicatedNodes=0,
                    nodeDeallocationOption="taskcompletion",
                ),
                lambda w: "resizing" in str((w.get("BatchPool", "sample") or {})["status"]),
            )
        ),
        WORKS,
        "are leaving",
    ),
    "being deleted": (lambda: pool(deleted(upto(started(), steady), "BatchPool", "sample")), GOES, ""),
}
TABLE = {f"{what} {when}": case for what, cases in (("job", JOBS), ("pool", POOLS)) for when, case in cases.items()}


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    return dict(zip(TABLE, judge(moment() for moment, _, _ in TABLE.values()), strict=True))


@pytest.mark.parametrize("name", TABLE)
def test_tools_say_of_it(name: str, verdicts: dict[str, Verdict]) -> None:
    _, words, message = TABLE[name]
    verdict = verdicts[name]
    assert verdict.words == words, verdict
    assert message in verdict.message


def test_both_tools_give_people_the_same_reason(verdicts: dict[str, Verdict]) -> None:
    for verdict in verdicts.values():
        if verdict.words in (WORKS, HAS_FAILED) and "generation" not in verdict.message:
            assert verdict.message
            assert verdict.message == verdict.shown
