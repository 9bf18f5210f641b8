"""How a Pod's end is read (design section 4)."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.core.facts import PodFacts
from batchyard.core.verdicts import Ended, Lost, verdict
from tests import build


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
