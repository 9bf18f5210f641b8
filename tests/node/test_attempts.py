"""Tasks and releases: one start per attempt, only on a prepared node, every attempt in a directory of its own."""

import time
from pathlib import Path

import pytest

from tests.cluster.waiting import wait_for
from tests.node.machine import JOB, PATIENCE, TASK_USER, Environment, Machine, tree

ATTEMPT: Environment = {"BATCHYARD_KEY": f"{JOB}.task001.0"}


@pytest.mark.parametrize("mode", ["task", "release"])
def test_a_second_start_of_the_same_attempt_is_refused(machine: Machine, mode: str) -> None:
    machine.run("prep", "true")
    command = ("sh", "-c", "echo once >>$AZ_BATCH_NODE_SHARED_DIR/x; exit 3")
    assert machine.run(mode, *command, **shared(machine), **ATTEMPT).status == 3
    before = tree(machine.root)
    again = machine.run(mode, *command, **shared(machine), **ATTEMPT)
    assert (again.status, again.result["exitCode"], again.code) == (125, None, "AlreadyStarted")
    assert (machine.root / "shared" / "x").read_text() == "once\n"
    assert tree(machine.root) == before


def test_a_second_start_is_refused_after_a_reboot_too(machine: Machine) -> None:
    machine.run("task", "true", **ATTEMPT)
    machine.reboot()
    assert machine.run("task", "true", BATCHYARD_REQUIRE_PREPARED="true", **ATTEMPT).code == "AlreadyStarted"


def test_of_many_starts_at_once_only_one_runs(machine: Machine) -> None:
    containers = [machine.start("task", "echo", "ran", **ATTEMPT) for _ in range(6)]
    ended = [container.end() for container in containers]
    assert sorted(one.code for one in ended) == ["", *["AlreadyStarted"] * 5]
    assert b"".join(one.out for one in ended) == b"ran\n"


def test_the_marker_of_an_attempt_exists_before_its_command_runs(machine: Machine) -> None:
    marker = machine.root / ".batchyard" / "started" / ATTEMPT["BATCHYARD_KEY"]
    assert machine.run("task", "test", "-s", str(marker), **ATTEMPT).status == 0


def test_a_task_on_an_unprepared_node_runs_and_makes_nothing(machine: Machine) -> None:
    before = tree(machine.root)
    ended = machine.run("task", "echo", "ran", BATCHYARD_REQUIRE_PREPARED="true", **ATTEMPT)
    assert (ended.status, ended.result["exitCode"], ended.code, ended.out) == (125, None, "NodeNotPrepared", b"")
    assert tree(machine.root) == before
    machine.run("prep", "true")
    assert machine.run("task", "echo", "ran", BATCHYARD_REQUIRE_PREPARED="true", **ATTEMPT).out == b"ran\n"


def test_after_a_reboot_no_task_runs_before_the_start_task_has_succeeded(machine: Machine) -> None:
    machine.reboot(BATCHYARD_AWAIT_START_TASK="true")
    assert machine.run("task", "true").code == "NodeNotPrepared"
    machine.run("start", "false")
    assert machine.run("task", "true").code == "NodeNotPrepared"
    machine.run("start", "true")
    assert machine.run("task", "true").status == 0


def test_a_release_does_not_wait_for_the_start_task(machine: Machine) -> None:
    machine.run("prep", "true")
    machine.reboot(BATCHYARD_AWAIT_START_TASK="true")
    assert machine.run("release", "true").status == 0


def test_a_release_on_a_disk_where_the_job_was_never_prepared_runs_and_makes_nothing(machine: Machine) -> None:
    before = tree(machine.root)
    ended = machine.run("release", "echo", "ran")
    assert (ended.status, ended.code, ended.out) == (125, "NothingToRelease", b"")
    assert tree(machine.root) == before


def test_a_release_that_succeeded_is_not_run_by_the_next_pod_but_told_again(machine: Machine) -> None:
    machine.run("prep", "true")
    first = machine.run("release", "echo", "cleaned")
    machine.reboot()
    again = machine.run("release", "echo", "cleaned")
    assert (again.status, again.result, again.out) == (0, first.result, b"")


@pytest.mark.parametrize("end", [("false",), ("sleep", "1000")])
def test_a_release_that_failed_is_run_by_the_next_pod(machine: Machine, end: tuple[str, ...]) -> None:
    machine.run("prep", "true")
    assert machine.run("release", *end, BATCHYARD_WALL_CLOCK="1").status != 0
    assert machine.run("release", "echo", "cleaned").out == b"cleaned\n"


def test_a_job_that_comes_again_after_its_wipe_is_released_again(machine: Machine) -> None:
    for _ in range(2):
        machine.run("prep", "true")
        assert machine.run("release", "echo", "cleaned").out == b"cleaned\n"
        assert machine.tool("wipe.sh", machine.directory("").parent, BATCHYARD_JOB_UID=JOB).returncode == 0


def test_the_preparation_of_another_job_does_not_count(machine: Machine) -> None:
    machine.run("prep", "true", BATCHYARD_JOB_UID="another")
    assert machine.run("task", "true", BATCHYARD_REQUIRE_PREPARED="true").code == "NodeNotPrepared"


def test_each_attempt_has_a_fresh_directory_and_earlier_ones_are_kept(machine: Machine) -> None:
    for attempt in ("0", "2", "10"):  # those between ran on other nodes
        ended = machine.run("task", "sh", "-c", f"ls; echo {attempt} >made", BATCHYARD_ATTEMPT=attempt)
        assert (ended.status, ended.out) == (0, b"")
    job = machine.directory("")
    assert {path.name for path in job.iterdir()} == {"task001.attempt-0", "task001.attempt-2", "task001"}
    assert (job / "task001.attempt-2" / "wd" / "made").read_text() == "2\n"
    assert (job / "task001" / "wd" / "made").read_text() == "10\n"


@pytest.mark.parametrize("planted", ["0", "", "x/y", "../../up"])
def test_an_earlier_directory_is_kept_whatever_the_task_wrote_about_itself(machine: Machine, planted: str) -> None:
    machine.run("task", "sh", "-c", f"echo '{planted}' >../.attempt; mkdir ../../task001.attempt-0; echo kept >made")
    assert machine.run("task", "true", BATCHYARD_ATTEMPT="1").status == 0
    job = machine.directory("")
    assert [path.read_text() for path in job.glob("*/wd/made")] == ["kept\n"]
    assert {path.parent for path in job.iterdir()} == {job}


def test_a_directory_with_retention_says_when_it_expires(machine: Machine) -> None:
    before = int(time.time())
    machine.run("task", "false", BATCHYARD_RETENTION="1000")
    assert before + 1000 <= int((machine.directory("task001") / ".expires").read_text()) <= int(time.time()) + 1000


def test_a_directory_without_retention_never_expires(machine: Machine) -> None:
    machine.run("task", "true", BATCHYARD_RETENTION="0")
    assert not (machine.directory("task001") / ".expires").exists()


def test_the_directory_of_an_attempt_that_was_cut_short_expires_too(machine: Machine) -> None:
    apart = ("unshare", "--pid", "--fork", "--kill-child")
    container = machine.start("task", "sleep", "1000", user=0, around=apart, BATCHYARD_RETENTION="1000")
    wait_for("the output file", (machine.directory("task001") / "stdout.txt").exists, PATIENCE, 0.01)
    container.process.kill()
    container.process.wait()
    machine.run("task", "true", user=0, BATCHYARD_ATTEMPT="1", BATCHYARD_RETENTION="1000")
    for directory in machine.directory("").iterdir():
        assert (directory / ".expires").exists()


def test_a_task_directory_that_cannot_be_made_is_a_failure_of_its_own(machine: Machine) -> None:
    (machine.root / "workitems").chmod(0o555)
    ended = machine.run("task", "echo", "ran")
    assert (ended.status, ended.result["exitCode"], ended.code) == (125, None, "ResourceDirectoryCreateFailed")


@pytest.mark.parametrize("mode", ["start", "prep", "task", "release"])
def test_nothing_starts_on_a_full_disk(small_disk: Machine, mode: str) -> None:
    if mode == "release":
        small_disk.run("prep", "true", user=TASK_USER)
    filler = small_disk.root / "shared" / "filler"
    with filler.open("wb", buffering=0) as file:
        fill(file.write)
    ended = small_disk.run(mode, "echo", "ran", user=TASK_USER)
    assert (ended.status, ended.result["exitCode"], ended.code, ended.out) == (125, None, "DiskFull", b"")


def fill(write: object) -> None:
    assert callable(write)
    try:
        while write(bytes(4096)):
            pass
    except OSError:
        return


def shared(machine: Machine) -> Environment:
    return {"AZ_BATCH_NODE_SHARED_DIR": str(machine.root / "shared")}


def test_shared_files_are_open_to_both_users(machine: Machine) -> None:
    for user in (0, TASK_USER):
        ended = machine.run(
            "task",
            "sh",
            "-c",
            'mkdir "$D/$U" && echo >"$D/$U/x"',
            user=user,
            D=str(machine.root / "shared"),
            U=f"u{user}",
        )
        assert ended.status == 0
    assert machine.run("task", "rm", "-r", str(Path(machine.root) / "shared" / "u1000"), user=0).status == 0
