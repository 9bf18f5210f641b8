"""Output goes to the files and to the container log, complete and in order, and never holds up the end."""

import os
import signal

import pytest

from tests.node.machine import PATH, Machine, alive, wait_for_file


def test_a_megabyte_on_both_streams_at_once_is_complete_and_in_order(machine: Machine) -> None:
    script = "seq 1 160000 & seq 200000 360000 >&2; wait; printf end; printf end >&2"
    ended = machine.run("task", "/bin/sh", "-c", script)
    out, err = (
        ("".join(f"{n}\n" for n in numbers) + "end").encode() for numbers in (range(1, 160001), range(200000, 360001))
    )
    assert len(out) > 1_000_000
    assert ended.out == out
    assert ended.err == err
    directory = machine.directory("task001")
    assert (directory / "stdout.txt").read_bytes() == out
    assert (directory / "stderr.txt").read_bytes() == err


def test_output_is_visible_while_the_command_runs(machine: Machine) -> None:
    container = machine.start("task", "/bin/sh", "-c", "printf x; printf y >&2; while [ ! -e go ]; do sleep 0.01; done")
    directory = machine.directory("task001")
    assert wait_for_file(directory / "stdout.txt") == "x"
    assert wait_for_file(directory / "stderr.txt") == "y"
    assert wait_for_file(container.folder / "out") == "x"
    (directory / "wd" / "go").touch()
    assert container.end().status == 0


def test_any_bytes_pass_unchanged(machine: Machine) -> None:
    every_byte = "".join(f"\\{n:03o}" for n in range(256)) * 4
    ended = machine.run("task", "printf", every_byte)
    assert ended.out == bytes(range(256)) * 4


def test_background_children_end_with_the_command(machine: Machine) -> None:
    ended = machine.run("task", "/bin/sh", "-c", "sleep 1000 & echo $!; trap '' HUP TERM; sleep 1000 & echo $!; exit 5")
    assert ended.status == 5
    assert [pid for pid in ended.out.split() if alive(int(pid))] == []


def test_a_daemon_that_keeps_the_output_open_does_not_hang_the_end(machine: Machine) -> None:
    script = "setsid sh -c 'echo $$ >daemon; exec sleep 1000' & while [ ! -s daemon ]; do :; done; echo last"
    ended = machine.run("task", "/bin/sh", "-c", script)
    os.kill(int((machine.directory("task001") / "wd" / "daemon").read_text()), signal.SIGKILL)
    assert (ended.status, ended.out, ended.err) == (0, b"last\n", b"")
    assert ended.code == ""


@pytest.mark.parametrize("stream", ["", ">&2"])
def test_a_log_that_nobody_reads_any_more_does_not_stop_the_command(machine: Machine, stream: str) -> None:
    container = machine.start(
        "task", "/bin/sh", "-c", f"seq 1 100000 {stream}; exit 4", around=("sh", "-c", '"$@" 2>&1 | :', "-")
    )
    container.process.wait(20)
    written = machine.directory("task001") / ("stderr.txt" if stream else "stdout.txt")
    assert written.read_text().endswith("100000\n")


def test_the_first_process_reaps_orphans_and_leaves_none_behind(machine: Machine) -> None:
    """In a process namespace of its own, as in a container, where every orphan becomes its child."""
    script = """
        sh -c 'sleep 0 & exec true'
        setsid sh -c 'sleep 1000 >/dev/null 2>&1 & exec true'
        until ! grep -q '^State:.Z' /proc/[0-9]*/status; do :; done
        echo first: $(cat /proc/1/cmdline | tr '\\0' ' ')
        exit 6
    """
    apart = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
    run_as = ("setpriv", "--reuid=1000", "--regid=1000", "--clear-groups")
    container = machine.start("task", "/bin/sh", "-c", script, user=0, around=(*apart, *run_as), PATH=PATH)
    ended = container.end()
    assert ended.status == 6
    assert "run.sh task" in ended.out.decode()


def test_a_failed_attempt_leaves_no_daemon_to_the_next_one(machine: Machine) -> None:
    apart = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
    script = "pidof sleep; setsid sleep 1000 >/dev/null 2>&1 & until pidof sleep >/dev/null; do :; done; exit 1"
    container = machine.start("prep", "/bin/sh", "-c", script, user=0, around=apart, BATCHYARD_MAX_RETRIES="1")
    ended = container.end()
    assert (ended.result["retryCount"], ended.out) == (1, b"")
