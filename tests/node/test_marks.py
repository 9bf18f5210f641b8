"""Marks of what was done on a node: whose word counts, and what somebody who plants something in their place gets."""

import os
import signal
from pathlib import Path

import pytest

from tests.cluster.waiting import wait_for
from tests.node.machine import JOB, PATIENCE, TASK_USER, Machine, command_lines, wait_for_file

OTHER_USER = 1500
FORGED = '{"exitCode":0,"startTime":"forged","endTime":"forged","retryCount":0,"code":""}\n'
MARKS = {
    "release": ".batchyard/started/{job}.released",
    "prep": ".batchyard/prepared/{job}",
    "start": "../boot/key.done",
}
LOCAL = {"prep": "../boot/{job}.prepared", "start": "../boot/serving"}
"""Left beside those above, for this boot."""


def mark_of(machine: Machine, mode: str, marks: dict[str, str] = MARKS) -> Path:
    return Path(os.path.normpath(machine.root / marks[mode].format(job=JOB)))


def before(mode: str, machine: Machine) -> None:
    """What must have been there."""
    if mode == "release":
        machine.run("prep", "true")


@pytest.fixture
def prepared(machine: Machine) -> Machine:
    assert machine.run("prep", "true").status == 0
    return machine


@pytest.mark.parametrize("suffix", ["", ".new"])
@pytest.mark.parametrize("planted", ["link to file", "link to nowhere", "link to .", "fifo"])
@pytest.mark.parametrize(("mode", "marks"), [*((mode, MARKS) for mode in MARKS), *((mode, LOCAL) for mode in LOCAL)])
def test_root_leaves_its_mark_beside_or_instead_of_what_was_planted(
    machine: Machine, mode: str, marks: dict[str, str], planted: str, suffix: str
) -> None:
    before(mode, machine)
    if mode == "start":
        machine.reboot(BATCHYARD_AWAIT_START_TASK="true")
    canary = machine.folder / "canary"
    canary.mkdir()
    (canary / "file").write_text("alive")
    mark = mark_of(machine, mode, marks)
    place = mark.with_name(mark.name + suffix)
    if planted == "fifo":
        os.mkfifo(place)
    else:
        place.symlink_to(canary / planted.removeprefix("link to "))
    ended = machine.run(mode, "echo", "ran", user=0, BATCHYARD_KEY="key", BATCHYARD_RERUN_ON_REBOOT="false")
    assert (ended.status, ended.out) == (0, b"ran\n")
    assert {path.name: path.read_text() for path in canary.iterdir()} == {"file": "alive"}
    assert (mark.is_symlink(), mark.is_file()) == (False, True) or mark.name == "serving"


@pytest.mark.parametrize(("writer", "reader"), [(TASK_USER, 0), (OTHER_USER, TASK_USER), (TASK_USER, OTHER_USER)])
@pytest.mark.parametrize("mode", MARKS)
def test_success_that_another_user_has_written_is_not_believed(
    machine: Machine, mode: str, writer: int, reader: int
) -> None:
    before(mode, machine)
    mark = mark_of(machine, mode)
    mark.write_text(FORGED)
    os.chown(mark, writer, writer)
    ended = machine.run(mode, "echo", "ran", user=reader, BATCHYARD_KEY="key", BATCHYARD_RERUN_ON_REBOOT="false")
    assert ended.out == b"ran\n"


@pytest.mark.parametrize("mode", MARKS)
def test_success_of_somebody_else_under_another_name_is_not_believed(machine: Machine, mode: str) -> None:
    before(mode, machine)
    mark = mark_of(machine, mode)
    (mark.parent / "others").write_text(FORGED)
    mark.hardlink_to(mark.parent / "others")
    ended = machine.run(mode, "echo", "ran", BATCHYARD_KEY="key", BATCHYARD_RERUN_ON_REBOOT="false")
    assert ended.out == b"ran\n"


@pytest.mark.parametrize("user", [TASK_USER, OTHER_USER])
def test_nobody_but_root_sees_which_marks_there_are(prepared: Machine, user: int) -> None:
    for place in {mark_of(prepared, mode).parent for mode in MARKS}:
        assert prepared.run("task", "ls", str(place), user=user).status != 0
        assert prepared.run("task", "ls", str(place), user=0).status == 0


def test_no_mark_is_taken_away_or_changed_by_another_user(prepared: Machine) -> None:
    for mark in (mark_of(prepared, "prep"), mark_of(prepared, "prep", LOCAL)):
        before = mark.read_text()
        for words in (f"rm -f {mark}", f"mv {mark} {mark}.gone", f"echo x >{mark}", f"ln -sf /nowhere {mark}"):
            assert prepared.run("task", "/bin/sh", "-c", words, user=OTHER_USER).status != 0
        assert mark.read_text() == before


@pytest.mark.parametrize(("prepares", "works"), [(0, TASK_USER), (TASK_USER, 0), (OTHER_USER, TASK_USER)])
def test_a_job_may_be_prepared_by_one_user_and_go_on_as_another(machine: Machine, prepares: int, works: int) -> None:
    assert machine.run("prep", "true", user=prepares).status == 0
    assert machine.run("task", "true", user=works, BATCHYARD_REQUIRE_PREPARED="true").status == 0
    assert machine.run("release", "echo", "cleaned", user=works).out == b"cleaned\n"
    assert machine.run("release", "echo", "cleaned", user=works).out == b""


def test_a_release_that_was_cut_short_runs_again_whatever_its_command_made_of_it(prepared: Machine) -> None:
    script = "trap 'exit 0' TERM; echo ready >ready; while :; do sleep 0.02; done"
    container = prepared.start("release", "/bin/sh", "-c", script)
    wait_for_file(prepared.directory("task001") / "wd" / "ready")
    container.process.terminate()
    ended = container.end()
    assert (ended.status, ended.result["exitCode"]) == (143, 143)
    assert prepared.run("release", "echo", "cleaned").out == b"cleaned\n"


def test_a_release_that_is_stopped_after_its_command_has_ended_was_not_cut_short(prepared: Machine) -> None:
    patience(prepared, 60)
    holds_output = (
        "setsid sh -c 'echo $$ >left.new && mv left.new left; exec sleep 60' & until [ -e left ]; do sleep 0.02; done"
    )
    container = prepared.start("release", "/bin/sh", "-c", holds_output)
    clock = f"{prepared.root}/.batchyard/bin/busybox\0sleep\0"
    wait_for("output is waited for", lambda: any(line.startswith(clock) for line in command_lines()), PATIENCE, 0.01)
    container.process.terminate()
    os.kill(int((prepared.directory("task001") / "wd" / "left").read_text()), signal.SIGKILL)
    assert container.end().status == 0
    assert prepared.run("release", "echo", "cleaned").out == b""


def patience(machine: Machine, seconds: int) -> None:
    """With output that somebody holds open."""
    script = machine.root / ".batchyard" / "bin" / "supervise.sh"
    text = script.read_text()
    assert "_drain=3 " in text
    script.write_text(text.replace("_drain=3 ", f"_drain={seconds} "))


def test_a_release_that_finds_no_room_for_its_mark_has_succeeded_and_would_run_again(small_disk: Machine) -> None:
    """What docs/reliability.md excepts from S4; nothing half written may be left that says otherwise."""
    small_disk.run("prep", "true")
    filler = small_disk.root / "shared" / "filler"
    ended = small_disk.run("release", "/bin/sh", "-c", f"cat /dev/zero >{filler} 2>/dev/null; exit 0")
    assert (ended.status, ended.code) == (0, "")
    assert [path.name for path in mark_of(small_disk, "release").parent.glob(f"{JOB}.released*")] == []
    filler.unlink()
    assert small_disk.run("release", "echo", "cleaned").out == b"cleaned\n"
