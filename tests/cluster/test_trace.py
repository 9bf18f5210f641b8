"""What the traced lines of a node are read as."""

import time

from tests.cluster.trace import Line, is_traced, processes, traced
from tests.history.process import Step

BOOTED = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)


def lines(*texts: str) -> list[Line]:
    return [Line("node1", "uid", text) for text in texts]


def test_start_and_end_of_a_command_are_one_process() -> None:
    (found,) = processes(
        "ns", lines("ns pool job task1 2 7.10 9.00 start 9.00", "ns pool job task1 2 7.10 9.00 end 3 9.50")
    )
    assert (found.step, found.place.pool, found.node, found.place.machine) == (Step.TASK, "pool", "node1", "uid")
    assert (found.job, found.task, found.attempt, found.boot, found.exit_code) == ("job", "task1", 2, "7.10", 3)
    assert abs(found.start - BOOTED - 9) < 1
    assert abs(found.end - found.start - 0.5) < 0.01


def test_a_command_that_was_cut_off_lived_until_its_last_word() -> None:
    (found,) = processes(
        "ns", lines("ns pool job task1 0 7.10 9.00 start 9.00", "ns pool job task1 0 7.10 9.00 alive 9.50")
    )
    assert found.exit_code is None
    assert abs(found.end - found.start - 0.5) < 0.01


def test_steps_are_known_by_their_ids_and_tries_by_their_starts() -> None:
    found = processes(
        "ns",
        lines(
            "ns pool - - 0 7.10 7.20 start 7.20",
            "ns pool job jobpreparation 0 7.10 8.00 start 8.00",
            "ns pool job jobpreparation 0 7.10 8.00 end 1 8.10",
            "ns pool job jobpreparation 0 7.10 8.20 start 8.20",
            "ns pool job jobrelease 0 7.10 9.00 start 9.00",
        ),
    )
    assert [process.step for process in found] == [Step.START, Step.PREPARATION, Step.PREPARATION, Step.RELEASE]
    assert found[0].job == ""


def test_other_namespaces_and_torn_lines_are_left_out() -> None:
    assert processes("ns", lines("other pool job task1 0 7.10 9.00 start 9.00", "ns pool job task1 0 7.")) == []


def test_only_commands_that_write_lines_are_traced() -> None:
    assert is_traced(traced("sleep 1"))
    assert not is_traced("/bin/sh -c 'sleep 1'")
