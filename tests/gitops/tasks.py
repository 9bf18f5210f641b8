"""Moments of tasks: what kstatus and Argo CD are to say of each, and a part of the message."""

from __future__ import annotations

import json

from tests.gitops.moments import (
    DISABLED,
    FAILS,
    HAS_FAILED,
    IS_DONE,
    WORKS,
    Case,
    added,
    edited,
    job_is,
    quiet,
    ranges,
    says,
    started,
    task,
    task_is,
    unreadable,
    upto,
)

TASKS: dict[str, Case] = {
    "new": (lambda: task(upto(started("t1"), lambda w: bool(w.of("BatchTask")))), WORKS, "observed generation is -1"),
    "preparing": (lambda: task(upto(started("t1", seconds=20), task_is("preparing"))), WORKS, "the task is preparing"),
    "running": (lambda: task(upto(started("t1", seconds=20), task_is("running"))), WORKS, "the task is running"),
    "that succeeded at once": (lambda: task(upto(started("t1"), task_is("completed"))), IS_DONE, ""),
    "that succeeded": (lambda: task(upto(started("t1", seconds=20), task_is("completed"))), IS_DONE, ""),
    "that failed": (lambda: task(upto(started("t1", **FAILS), task_is("completed"))), HAS_FAILED, "exit code 1"),
    "that is tried again": (
        lambda: task(
            upto(
                started("t1", constraints={"maxTaskRetryCount": 1}, **FAILS),
                lambda w: '"retryCount": 1' in json.dumps(w.get("BatchTask", "demo.t1")),
            )
        ),
        WORKS,
        "the task is active",
    ),
    "back in the queue": (
        lambda: task(
            upto(
                edited(
                    upto(started("t1", seconds=30), task_is("running")), "BatchJob", "demo", desiredState="disabled"
                ),
                job_is("disabled"),
            )
        ),
        WORKS,
        "the task is active",
    ),
    "ended by request before it ran": (
        lambda: task(
            upto(
                edited(
                    upto(started("t1", **DISABLED), lambda w: bool(w.of("BatchTask"))),
                    "BatchTask",
                    "demo.t1",
                    desiredState="terminated",
                ),
                task_is("completed"),
            )
        ),
        HAS_FAILED,
        "TaskEnded",
    ),
    "edited after its end": (
        lambda: task(
            upto(
                edited(
                    upto(started("t1", **FAILS), task_is("completed")),
                    "BatchTask",
                    "demo.t1",
                    constraints={"maxTaskRetryCount": 3},
                ),
                quiet,
            )
        ),
        HAS_FAILED,
        "exit code 1",
    ),
    "reactivated": (
        lambda: task(
            upto(
                edited(upto(started("t1", **FAILS), task_is("completed")), "BatchTask", "demo.t1", reactivations=1),
                task_is("active"),
            )
        ),
        WORKS,
        "the task is active",
    ),
    "refused": (
        lambda: task(
            upto(
                added(started(), "BatchTask", "demo.t1", jobId="demo", id="jobrelease", commandLine="true"),
                says("BatchTask", "demo.t1", "TaskIdSameAsJobReleaseTask"),
            )
        ),
        HAS_FAILED,
        "never runs",
    ),
    "unreadable": (
        lambda: task(unreadable(added(started(), "BatchTask", "demo.t1", jobId=7, id="t1", commandLine="true"))),
        HAS_FAILED,
        "cannot be used",
    ),
    "unreadable, then corrected": (
        lambda: task(
            upto(
                edited(
                    unreadable(added(started(), "BatchTask", "demo.t1", jobId=7, id="t1", commandLine="true")),
                    "BatchTask",
                    "demo.t1",
                    jobId="demo",
                ),
                task_is("completed"),
            )
        ),
        IS_DONE,
        "",
    ),
    "of a range, some to go": (
        lambda: task(upto(ranges(), lambda w: '"counts": {"active": 1' in json.dumps(w.of("BatchTask")))),
        WORKS,
        "the task is",
    ),
    "of a range, one failed": (lambda: task(upto(ranges(**FAILS), task_is("completed"))), HAS_FAILED, "1 of its tasks"),
    "of a range, all well": (lambda: task(upto(ranges(), task_is("completed"))), IS_DONE, ""),
}
