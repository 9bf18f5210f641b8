"""How a Pod's end is read (design section 4)."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.core.actions import Patch
from batchyard.core.facts import PodFacts
from batchyard.core.tasks.verdicts import REFUSED_SECONDS, Ended, Lost, refused_until, verdict
from tests import build

REFUSED: dict[str, Any] = {"phase": "Failed", "reason": "OutOfcpu"}


def end(message: str, exit_code: int = 0, **facts: Any) -> PodFacts:
    return build.pod(phase="Failed", containers={"task": build.ended(message, exit_code)}, **facts)


def test_nothing_is_said_while_a_process_may_still_run() -> None:
    assert verdict(build.pod(phase="Running", deleting_since=build.T0), "task") is None


def test_the_wrappers_line_counts() -> None:
    found = verdict(end(build.line(3), 3), "task")
    assert isinstance(found, Ended)
    assert found.result.exit_code == 3


@pytest.mark.parametrize("code", ["NodeNotPrepared", "AlreadyStarted"])
def test_what_the_wrapper_refused_is_a_recovery_not_a_failure(code: str) -> None:
    assert verdict(end(build.line(None, code), 125), "task") == Lost(code)


def test_success_stays_success_though_the_pod_was_being_deleted() -> None:
    assert isinstance(verdict(end(build.line(), deleting_since=build.T0), "task"), Ended)


def test_a_command_killed_with_its_pod_was_taken_away() -> None:
    assert isinstance(verdict(end(build.line(143), 143, deleting_since=build.T0), "task"), Lost)


def test_a_container_killed_without_a_line_was_taken_away() -> None:
    assert isinstance(verdict(end("", 137), "task"), Lost)


def test_a_pod_deleted_before_any_node_had_it_never_ran() -> None:
    assert isinstance(verdict(build.pod(bound=False, deleting_since=build.T0), "task"), Lost)


@pytest.mark.parametrize(
    ("facts", "until"),
    [
        (REFUSED, build.T0 + REFUSED_SECONDS),
        ({**REFUSED, "created": build.T0 + 7}, build.T0 + 7 + REFUSED_SECONDS),
        ({**REFUSED, "disrupted": True}, None),
        ({**REFUSED, "deleting_since": build.T0}, None),
        ({**REFUSED, "reason": "DeadlineExceeded"}, None),
        ({**REFUSED, "containers": {"task": build.ended(build.line(3), 3)}}, None),
        ({"phase": "Pending"}, None),
        ({"phase": "Running"}, None),
    ],
)
def test_only_a_pod_that_its_node_would_not_take_stands_for_its_task_for_a_while(
    facts: dict[str, Any], until: float | None
) -> None:
    assert refused_until(build.pod(**facts), "task") == until


@pytest.mark.parametrize(("age", "written"), [(0, False), (REFUSED_SECONDS - 1, False), (REFUSED_SECONDS, True)])
def test_the_pass_is_woken_when_a_refused_pod_has_stood_long_enough(age: float, written: bool) -> None:
    task = build.task()
    view = build.view(build.job(), tasks=build.tasks(task), task_pods=(build.pod(of=task, **REFUSED),))
    plan = build.planned(build.snapshot(view, of=build.pool(), now=build.T0 + age, **build.serving("node1")))
    assert any(isinstance(a, Patch) and a.ref == task.ref for a in plan.actions) is written
    assert written or plan.wake_at == build.T0 + REFUSED_SECONDS
