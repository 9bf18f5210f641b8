"""What the command of a task finds: its environment, directory, signals and descriptors."""

import shutil
import signal
from itertools import permutations
from pathlib import Path

import pytest

from tests.node.machine import Environment, Machine, tree

# 32 and 33 are the C library's own: no program can set them back, and whatever make starts ignores them.
PRIVATE_SIGNALS = 1 << 31 | 1 << 32


def test_the_command_sees_the_images_environment_and_nothing_of_ours(machine: Machine) -> None:
    given: Environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/home/x",
        "dir": "mine",
        "_": "mine",
        "code": "mine",
        "EMPTY": "",
        "LINES": "a\nb=c",
        "odd.name": "kept",
        "0": "kept\nBATCHYARD_FAKE=no",
        "BATCHYARD_WALL_CLOCK": "60",
        "BATCHYARD_MAX_RETRIES": "0",
        "BATCHYARD_RETENTION": "60",
        "BATCHYARD_ATTEMPT": "2",
        "BATCHYARD_REQUIRE_PREPARED": "false",
        "BATCHYARD_RERUN_ON_REBOOT": "true",
        "AZ_BATCH_POOL_ID": "sample",
    }
    out = machine.run("task", "/usr/bin/env", "-0", **given).out.decode()
    seen = dict(entry.split("=", 1) for entry in out.split("\0")[:-1])
    directory = machine.directory("task001")
    ours = {name: value for name, value in given.items() if not name.startswith("BATCHYARD_")}
    assert seen == ours | {
        "AZ_BATCH_NODE_IS_DEDICATED": "true",
        "AZ_BATCH_NODE_ROOT_DIR": str(machine.root),
        "AZ_BATCH_TASK_DIR": str(directory),
        "AZ_BATCH_TASK_WORKING_DIR": str(directory / "wd"),
        "PWD": str(directory / "wd"),
    }


def test_the_command_is_told_what_kind_of_node_the_setup_wrote_down(machine: Machine) -> None:
    machine.tool("setup.sh", AZ_BATCH_NODE_IS_DEDICATED="false")
    assert machine.run("task", "/bin/sh", "-c", "echo $AZ_BATCH_NODE_IS_DEDICATED").out == b"false\n"


def test_the_command_runs_in_its_working_directory(machine: Machine) -> None:
    out = machine.run("task", "/bin/sh", "-c", "/bin/pwd; echo $AZ_BATCH_TASK_WORKING_DIR; ls -A").out.decode()
    assert out.splitlines() == [str(machine.directory("task001") / "wd")] * 2


def test_the_command_has_default_signals_and_only_the_three_usual_descriptors(machine: Machine) -> None:
    script = "grep -E '^Sig(Ign|Blk)' /proc/self/status; ls /proc/self/fd"
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as when the tests run in the background
    try:
        blocked, ignored, *descriptors = machine.run("task", "/bin/sh", "-c", script).out.decode().splitlines()
    finally:
        signal.signal(signal.SIGHUP, before)
    assert blocked.split() == ["SigBlk:", "0" * 16]
    assert int(ignored.removeprefix("SigIgn:"), 16) & ~PRIVATE_SIGNALS == 0
    assert descriptors == ["0", "1", "2", "3"]  # 3 is the listing itself


def test_the_command_leads_no_terminal_and_shares_its_session_with_nobody_else(machine: Machine) -> None:
    container = machine.start("task", "/bin/sh", "-c", "ps -o sid= -p $$")
    assert int(container.end().out) != container.process.pid


def test_the_command_has_an_empty_standard_input(machine: Machine) -> None:
    assert machine.run("task", "cat").result["exitCode"] == 0


def test_nothing_of_the_image_is_needed_but_the_command(machine: Machine) -> None:
    """A distroless image: the machine's own folder as root, where the only program is our busybox."""
    (machine.folder / "dev").mkdir()
    shutil.copy(machine.image / "bin" / "busybox", machine.folder / "busybox")
    (machine.folder / "dev" / "null").touch()
    inside = machine.folder / str(machine.folder).lstrip("/")
    inside.parent.mkdir(parents=True)
    inside.symlink_to("/")
    container = machine.start(
        "task", "/busybox", "echo", "hello", user=0, around=("/usr/sbin/chroot", str(machine.folder))
    )
    ended = container.end()
    assert (ended.status, ended.out, ended.err, ended.code) == (0, b"hello\n", b"", "")


def test_a_task_leaves_its_output_and_working_directory_and_no_trace_of_the_pipes(machine: Machine) -> None:
    machine.run("task", "/bin/sh", "-c", "echo 1; echo 2 >&2; echo 3 >made")
    directory = machine.directory("task001")
    assert tree(directory) == sorted(
        str(directory / name) for name in (".attempt", "stderr.txt", "stdout.txt", "wd", "wd/made")
    )


@pytest.mark.parametrize("users", [*permutations((0, 1000, 2000))])
def test_root_the_pools_user_and_those_with_ids_of_their_own_can_all_work_in_one_job(
    machine: Machine, users: tuple[int, ...]
) -> None:
    for user in users:
        ended = machine.run(
            "task", "touch", "made", user=user, AZ_BATCH_TASK_DIR=str(machine.directory(f"task-{user}"))
        )
        assert ended.status == 0, ended.err
    owners = {path.name: path.stat().st_uid for path in machine.directory("").iterdir()}
    assert owners == {"task-0": 0, "task-1000": 1000, "task-2000": 2000}
    for parent in (machine.directory("").parent, machine.directory("")):
        status = parent.stat()
        assert (status.st_uid in (1000, 2000), status.st_gid, status.st_mode & 0o7777) == (True, 1000, 0o2775)


@pytest.mark.parametrize("user", [0, 1000, 2000])
def test_what_a_command_makes_is_its_users_and_of_its_users_group(machine: Machine, user: int) -> None:
    assert machine.run("task", "touch", "made", user=user).status == 0
    status = (machine.directory("task001") / "wd" / "made").stat()
    assert (status.st_uid, status.st_gid) == (user, user)


@pytest.mark.parametrize("mode", ["start", "prep", "task", "release"])
def test_every_kind_of_command_runs_as_a_user_with_ids_of_its_own(machine: Machine, mode: str) -> None:
    for job in ("first", "second"):
        if mode == "release":
            machine.run("prep", "true", user=2000, BATCHYARD_JOB_UID=job)
        its = {"BATCHYARD_JOB_UID": job, "AZ_BATCH_TASK_DIR": _directory(machine, mode)}
        ended = machine.run(mode, "/usr/bin/id", "-u", user=2000, **its)
        assert (ended.status, ended.out) == (0, b"2000\n")
        machine.reboot()


def _directory(machine: Machine, mode: str) -> str:
    return str(machine.root / "startup" if mode == "start" else machine.directory(mode))


@pytest.mark.parametrize("linked", ["workitems/demo", "workitems/demo/job-1", "workitems/demo/job-1/task001"])
def test_root_follows_no_link_to_a_task_directory(machine: Machine, folder: Path, linked: str) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    place = machine.root / linked
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(elsewhere)
    ended = machine.run("task", "true", user=0)
    assert tree(elsewhere) == []
    assert ended.code == ("" if place.name == "task001" else "ResourceDirectoryCreateFailed")


def test_the_command_starts_in_the_images_directory_when_that_is_asked_for(machine: Machine) -> None:
    assert machine.run("task", "pwd", BATCHYARD_WORKING_DIRECTORY="image").out.decode().strip() == str(Path.cwd())
    wd = machine.directory("task001") / "wd"
    assert machine.run("task", "pwd", BATCHYARD_ATTEMPT="1").out.decode().strip() == str(wd)
