"""Moments of pools: what kstatus and Argo CD are to say of each, and a part of the message."""

from __future__ import annotations

from tests.core.whole_pools import running
from tests.gitops.moments import (
    FAILS_TO_START,
    GOES,
    HAS_FAILED,
    IS_DONE,
    WORKS,
    Case,
    added,
    deleted,
    edited,
    in_want,
    pool,
    says,
    started,
    steady,
    unreadable,
    upto,
)

POOLS: dict[str, Case] = {
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
