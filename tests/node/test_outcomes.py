"""What one run of a command tells: exit code, failure code, times, and the line in the termination message."""

import datetime as dt
from pathlib import Path

import pytest

from tests.node.machine import Ended, Environment, Machine

LINE_FIELDS = ["exitCode", "startTime", "endTime", "retryCount", "code"]


@pytest.mark.parametrize(
    ("command", "exit_code"),
    [
        ("exit 0", 0),
        ("exit 1", 1),
        ("exit 125", 125),
        ("exit 126", 126),
        ("exit 127", 127),
        ("no-such-command-in-the-shell", 127),
        ("exit 255", 255),
        ("kill -TERM $$", 143),
        ("kill -KILL $$", 137),
        ("kill -KILL 0", 137),
        ("kill -TERM 0", 143),
        ("kill -SEGV $$", 139),
    ],
)
def test_the_exit_code_of_the_command_is_kept(machine: Machine, command: str, exit_code: int) -> None:
    ended = machine.run("task", "/bin/sh", "-c", command)
    assert (ended.status, ended.result["exitCode"], ended.code) == (exit_code, exit_code, "")


def test_the_termination_message_is_one_line_of_json_with_utc_times(machine: Machine) -> None:
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    ended = machine.run("task", "true")
    result = ended.result
    assert list(result) == LINE_FIELDS
    start, end = (dt.datetime.strptime(result[name], "%Y-%m-%dT%H:%M:%S%z") for name in ("startTime", "endTime"))
    assert before <= start <= end <= dt.datetime.now(dt.UTC)
    assert result["retryCount"] == 0


@pytest.fixture
def programs(folder: Path) -> Path:
    """Files that look like programs."""
    programs = folder / "programs"
    (programs / "directory").mkdir(parents=True)
    for name, text, mode in [
        ("plain", "#!/bin/sh\necho ran\n", 0o644),
        ("lost", "#!/no/such/interpreter\n", 0o755),
        ("greets", '#!/bin/sh\necho "$0" "$@"\n', 0o755),
        ("greets a=b", "#!/bin/sh\necho equals\n", 0o755),
    ]:
        (programs / name).write_text(text)
        (programs / name).chmod(mode)
    return programs


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("no-such-program", "CommandProgramNotFound"),
        ("{programs}/absent", "CommandProgramNotFound"),
        ("./absent", "CommandProgramNotFound"),
        ("", "CommandProgramNotFound"),
        ("plain", "CommandLaunchFailed"),
        ("{programs}/plain", "CommandLaunchFailed"),
        ("{programs}/directory", "CommandLaunchFailed"),
        ("{programs}/lost", "CommandLaunchFailed"),
    ],
)
@pytest.mark.parametrize("odd", [{}, {"odd.name": "x"}])
def test_a_command_that_cannot_be_launched_has_a_code_and_no_exit_code(
    machine: Machine, programs: Path, command: str, code: str, odd: Environment
) -> None:
    path = f"/nowhere:{programs}:/usr/bin"
    ended = machine.run("task", command.format(programs=programs), PATH=path, **odd)
    assert (ended.status, ended.result["exitCode"], ended.code) == (125, None, code)
    assert (machine.directory("task001") / "stderr.txt").read_bytes() == ended.err != b""


def test_a_command_is_looked_up_in_the_path_of_the_image(machine: Machine, programs: Path) -> None:
    ended = machine.run("task", "greets", "x", PATH=f"/nowhere:{programs}")
    assert ended.out.decode() == f"{programs}/greets x\n"


def test_a_command_that_is_an_applet_of_busybox_is_still_the_images_own(machine: Machine, programs: Path) -> None:
    (programs / "ls").symlink_to("greets")
    assert machine.run("task", "ls", PATH=f"{programs}:/bin").out.decode() == f"{programs}/ls\n"


@pytest.mark.parametrize("odd", [{}, {"odd.name": "x"}])
def test_arguments_arrive_untouched_by_any_shell(machine: Machine, odd: Environment) -> None:
    arguments = ["", " ", "$HOME", "`id`", "*", "a\nb", "'\"\\", "-n", "--", "é", "a=b"]
    ended = machine.run("task", "printf", "%s\\0", *arguments, **odd)
    assert ended.out.decode().split("\0")[:-1] == arguments


def test_a_program_with_an_equals_sign_in_its_name_runs(machine: Machine, programs: Path) -> None:
    assert machine.run("task", f"{programs}/greets a=b").out == b"equals\n"


@pytest.mark.parametrize(
    "env",
    [
        {"BATCHYARD_KEY": "../escape"},
        {"BATCHYARD_KEY": ""},
        {"BATCHYARD_KEY": "a/b"},
        {"BATCHYARD_JOB_UID": ".."},
        {"BATCHYARD_ATTEMPT": "1; id"},
        {"BATCHYARD_WALL_CLOCK": "-1"},
        {"BATCHYARD_RETENTION": "P7D"},
        {"BATCHYARD_MAX_RETRIES": "--1"},
        {"AZ_BATCH_TASK_DIR": "/elsewhere/x"},
        {"AZ_BATCH_TASK_DIR": ""},
        {"AZ_BATCH_TASK_DIR": "{root}"},
        {"AZ_BATCH_TASK_DIR": "{root}/workitems/../../x"},
        {"AZ_BATCH_NODE_ROOT_DIR": ""},
    ],
    ids=str,
)
def test_a_slip_of_the_operator_runs_nothing(machine: Machine, env: Environment) -> None:
    slip: Environment = {name: value.format(root=machine.root) for name, value in env.items()}
    ended = machine.run("task", "echo", "ran", **slip)
    assert_never_ran(ended, "CommandLaunchFailed")


def test_an_unknown_mode_runs_nothing(machine: Machine) -> None:
    assert_never_ran(machine.run("tasks", "echo", "ran"), "CommandLaunchFailed")


def test_no_command_at_all_is_refused(machine: Machine) -> None:
    assert_never_ran(machine.run("task"), "CommandLaunchFailed")


def test_an_image_that_cannot_fork_still_leaves_a_result(machine: Machine) -> None:
    """As when the Pod's limit of processes is reached."""
    container = machine.start("task", "echo", "ran", user=54321, around=("prlimit", "--nproc=1"))
    assert_never_ran(container.end(), "CommandLaunchFailed")


def assert_never_ran(ended: Ended, code: str) -> None:
    assert (ended.status, ended.result["exitCode"], ended.code, ended.out) == (125, None, code, b"")
