"""Moments of jobs: what kstatus and Argo CD are to say of each, and a part of the message."""

from __future__ import annotations

from tests.core.whole_jobs import completed
from tests.core.whole_pools import running
from tests.gitops.moments import (
    DISABLED,
    ENDS,
    FAILS,
    GOES,
    HAS_FAILED,
    IS_DONE,
    RESTS,
    STARTS,
    WORKS,
    Case,
    added,
    deleted,
    edited,
    job,
    job_is,
    quiet,
    says,
    started,
    unreadable,
    upto,
)

JOBS: dict[str, Case] = {
    "new": (lambda: job(started("t1")), WORKS, "observed generation is -1"),
    "running": (lambda: job(upto(started("t1"), running("node1"))), WORKS, "0/1 tasks completed, 0 failed"),
    "that need only start, before it has": (
        lambda: job(upto(started("t1", **STARTS), says("BatchJob", "demo", "JobActive"))),
        WORKS,
        "0/1 tasks completed",
    ),
    "that need only start": (lambda: job(upto(started("t1", seconds=30, **STARTS), running("node1"))), IS_DONE, ""),
    "that need only start and has ended": (
        lambda: job(upto(started("t1", **STARTS, **ENDS), job_is("completed"))),
        IS_DONE,
        "",
    ),
    "that need only start and has failed": (
        lambda: job(upto(started("t1", **STARTS, **ENDS, **FAILS), job_is("completed"))),
        HAS_FAILED,
        "1 failed",
    ),
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
