"""A command that must end: wall clock, signals from the kubelet, and commands that do not listen."""

import signal

import pytest

from tests.cluster.waiting import wait_for
from tests.node.machine import PATIENCE, Environment, Machine, alive, command_lines, wait_for_file

DEAF = "trap '' TERM INT; sh -c 'trap \"\" TERM; echo $$ >child; while :; do sleep 1; done' & wait; while :; do sleep 1; done"


def test_the_wall_clock_ends_a_command(machine: Machine) -> None:
    ended = machine.run("task", "sleep", "1000", BATCHYARD_WALL_CLOCK="1")
    assert (ended.status, ended.result["exitCode"], ended.code) == (143, 143, "TaskEnded")


def test_the_wall_clock_kills_a_whole_group_that_ignores_term(machine: Machine) -> None:
    ended = machine.run("task", "/bin/sh", "-c", DEAF, BATCHYARD_WALL_CLOCK="1")
    assert (ended.status, ended.result["exitCode"], ended.code) == (137, 137, "TaskEnded")
    assert not alive(int((machine.directory("task001") / "wd" / "child").read_text()))


def test_a_command_that_ends_well_at_the_wall_clock_has_still_been_ended(machine: Machine) -> None:
    """Exit 0 would make a preparation count as done."""
    ended = machine.run("prep", "/bin/sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait", BATCHYARD_WALL_CLOCK="1")
    assert (ended.status, ended.result["exitCode"], ended.code) == (143, 143, "TaskEnded")


def test_a_command_within_its_wall_clock_is_left_alone(machine: Machine) -> None:
    container = machine.start("task", "/bin/sh", "-c", "exit 3", BATCHYARD_WALL_CLOCK="1000")
    assert container.end().code == ""


def test_no_clock_is_left_running(machine: Machine) -> None:
    machine.run("task", "true", BATCHYARD_WALL_CLOCK="98765")
    assert not any("98765" in line for line in command_lines())


@pytest.mark.parametrize("name", ["TERM", "INT", "QUIT", "HUP", "USR1"])
def test_signals_that_images_choose_to_be_stopped_with_reach_the_command(machine: Machine, name: str) -> None:
    script = f"trap 'echo got {name}; exit 9' {name}; echo ready >ready; while :; do sleep 0.02; done"
    container = machine.start("task", "/bin/sh", "-c", script)
    wait_for_file(machine.directory("task001") / "wd" / "ready")
    container.process.send_signal(signal.Signals[f"SIG{name}"])
    ended = container.end()
    assert (ended.status, ended.result["exitCode"], ended.code) == (9, 9, "")
    assert ended.out.decode() == f"got {name}\n"


@pytest.mark.parametrize(("command", "status"), [("exec sleep 1000", 143), (DEAF, 137)])
def test_a_stopped_container_ends_with_its_commands_exit_code(machine: Machine, command: str, status: int) -> None:
    container = machine.start("task", "/bin/sh", "-c", f"echo ready >ready; {command}")
    wait_for_file(machine.directory("task001") / "wd" / ("child" if command == DEAF else "ready"))
    container.process.terminate()
    ended = container.end()
    assert (ended.status, ended.result["exitCode"], ended.code) == (status, status, "")


@pytest.mark.parametrize("moment", ["start of the attempt", "its directory", "its output"])
def test_a_stop_while_the_command_is_being_started_is_not_lost(machine: Machine, moment: str) -> None:
    container = machine.start("task", "sleep", "1000", BATCHYARD_KEY="job.1")
    sign = {
        "start of the attempt": machine.root / ".batchyard" / "started" / "job.1",
        "its directory": machine.directory("task001"),
        "its output": machine.directory("task001") / "stdout.txt",
    }[moment]
    wait_for(moment, sign.exists, PATIENCE, 0)
    container.process.terminate()
    ended = container.end(5)
    assert ended.result["exitCode"] in {143, 137}
    assert ended.code == ""


def test_a_stopped_preparation_is_neither_done_nor_failed(machine: Machine) -> None:
    script = "trap 'exit 0' TERM; echo ready >ready; while :; do sleep 0.02; done"
    key: Environment = {"BATCHYARD_KEY": "job.0", "BATCHYARD_MAX_RETRIES": "5"}
    container = machine.start("prep", "/bin/sh", "-c", script, **key)
    wait_for_file(machine.directory("jobpreparation") / "wd" / "ready")
    container.process.terminate()
    ended = container.end()
    assert (ended.status, ended.result["exitCode"], ended.result["retryCount"]) == (143, 143, 0)
    assert [path.name for path in machine.boot.iterdir()] == ["serving"]
    assert machine.run("prep", "true", **key).status == 0
