"""How the operator reads the termination message: only what run.sh writes counts, though any process of the container can write there."""

from __future__ import annotations

import pytest

from batchyard.node.protocol import RunResult, parse
from tests import build
from tests.node.machine import Machine


def test_the_line_of_the_wrapper_is_understood_whole() -> None:
    line = build.line(3, "TaskEnded", retryCount=2, lastRetryTime="2026-01-01T00:00:04Z")
    assert parse(line) == RunResult(
        3, "2027-01-15T08:00:00Z", "2027-01-15T08:00:05Z", 2, "2026-01-01T00:00:04Z", "TaskEnded"
    )


def test_what_the_wrapper_writes_is_what_is_read(machine: Machine) -> None:
    found = parse(machine.run("task", "/bin/sh", "-c", "exit 3").message)
    assert found is not None
    assert (found.exit_code, found.code) == (3, "")
    assert found.start_time
    assert found.end_time


@pytest.mark.parametrize(
    "message",
    [
        "",
        "\n",
        "Segmentation fault",
        "[]",
        "1",
        '{"error": "boom"}',
        '{"exitCode": true}',
        '{"exitCode": "0"}',
        '{"exitCode": 99999999999}',
        "[" * 4096,
    ],
)
def test_what_others_write_there_is_no_result(message: str) -> None:
    assert parse(message) is None


def test_the_last_line_counts() -> None:
    found = parse(f"{build.line(1)}\n{build.line(0)}\n")
    assert found is not None
    assert found.succeeded


@pytest.mark.parametrize(
    "time", ["yesterday", "2026-01-01", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00Z and more", 5, None, ""]
)
def test_what_is_no_time_is_left_out_and_the_outcome_kept(time: object) -> None:
    """The API server would refuse the status, and the outcome with it."""
    assert parse(build.line(1, startTime=time, endTime=time, lastRetryTime=time)) == RunResult(1, None, None)


@pytest.mark.parametrize("count", [True, -1, 2**31, "1", None])
def test_what_is_no_count_of_retries_is_none(count: object) -> None:
    assert parse(build.line(1, retryCount=count)) == parse(build.line(1))


def test_a_code_is_cut_to_what_a_status_takes() -> None:
    found = parse(build.line(1, "x" * 500))
    assert found is not None
    assert found.code == "x" * 128
