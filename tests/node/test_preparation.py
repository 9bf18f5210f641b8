"""Preparations and start tasks: once per boot, retried in place, remembered whether they succeeded or failed."""

import signal

import pytest

from tests.cluster.waiting import wait_for
from tests.node.machine import JOB, PATIENCE, Environment, Machine, catches

COUNT = "echo run >>{log}; ls; echo x >made; exit {status}"
KEY: Environment = {"BATCHYARD_KEY": f"{JOB}.node.0"}


class Counted:
    """A command that counts its runs, in a file that no directory of the job contains."""

    def __init__(self, machine: Machine) -> None:
        self.log = machine.root / "shared" / "runs"

    def command(self, status: int = 0) -> tuple[str, str, str]:
        return "/bin/sh", "-c", COUNT.format(log=self.log, status=status)

    @property
    def runs(self) -> int:
        return self.log.read_text().count("run") if self.log.exists() else 0


@pytest.fixture
def counted(machine: Machine) -> Counted:
    return Counted(machine)


def test_a_successful_preparation_leaves_its_marks_for_this_boot_and_for_ever(machine: Machine) -> None:
    ended = machine.run("prep", "true", **KEY)
    assert (machine.boot / f"{JOB}.prepared").read_text() == ended.message
    assert (machine.root / ".batchyard" / "prepared" / JOB).read_text() == ended.message


@pytest.mark.parametrize("key", [f"{JOB}.node.0", f"{JOB}.node.1"])
def test_a_restart_in_the_same_boot_tells_the_same_result_without_running_again(
    machine: Machine, counted: Counted, key: str
) -> None:
    first = machine.run("prep", *counted.command(), **KEY)
    again = machine.run("prep", *counted.command(7), BATCHYARD_KEY=key)
    assert (again.status, again.message, counted.runs) == (0, first.message, 1)


def test_after_a_reboot_the_preparation_runs_again_in_a_clean_directory(machine: Machine, counted: Counted) -> None:
    machine.run("prep", *counted.command(), **KEY)
    machine.reboot()
    again = machine.run("prep", *counted.command(), **KEY)
    assert (again.status, again.out, counted.runs) == (0, b"", 2)
    assert (machine.boot / f"{JOB}.prepared").exists()


def test_after_a_reboot_a_preparation_waits_for_the_start_task(machine: Machine, counted: Counted) -> None:
    machine.reboot(BATCHYARD_AWAIT_START_TASK="true")
    preparation = machine.start("prep", *counted.command(), **KEY)
    machine.run("start", "test", "!", "-e", str(counted.log))
    assert (preparation.end().status, counted.runs) == (0, 1)


def test_a_preparation_that_is_stopped_while_it_waits_does_not_run(machine: Machine, counted: Counted) -> None:
    machine.reboot(BATCHYARD_AWAIT_START_TASK="true")
    preparation = machine.start("prep", *counted.command(), **KEY)
    wait_for("run.sh waits", lambda: catches(preparation.process.pid, signal.SIGTERM), PATIENCE, 0.01)
    preparation.process.terminate()
    assert (preparation.end().result["exitCode"], counted.runs) == (143, 0)


def test_without_rerun_a_reboot_only_renews_the_mark_of_a_preparation_that_succeeded(
    machine: Machine, counted: Counted
) -> None:
    first = machine.run("prep", *counted.command(), **KEY)
    machine.reboot()
    again = machine.run("prep", *counted.command(), BATCHYARD_RERUN_ON_REBOOT="false", **KEY)
    assert (again.status, again.message, counted.runs) == (0, first.message, 1)
    assert (machine.boot / f"{JOB}.prepared").read_text() == first.message


def test_without_rerun_a_reboot_runs_a_preparation_that_had_not_succeeded(machine: Machine, counted: Counted) -> None:
    rerun: Environment = {"BATCHYARD_RERUN_ON_REBOOT": "false"}
    machine.run("prep", *counted.command(1), **rerun, **KEY)
    machine.reboot()
    assert machine.run("prep", *counted.command(), **rerun, **KEY).status == 0
    assert counted.runs == 2


@pytest.mark.parametrize("mode", ["prep", "start"])
@pytest.mark.parametrize(("command", "status"), [("exit 4", 4), ("kill -KILL $$", 137)])
def test_a_final_failure_is_not_run_again_in_the_same_boot_under_the_same_key(
    machine: Machine, counted: Counted, mode: str, command: str, status: int
) -> None:
    first = machine.run(mode, "/bin/sh", "-c", command, **KEY)
    again = machine.run(mode, *counted.command(), **KEY)
    assert (again.status, again.message, counted.runs) == (status, first.message, 0)


@pytest.mark.parametrize("mode", ["prep", "start"])
@pytest.mark.parametrize("renew", ["boot", "key"])
def test_a_failure_is_tried_again_in_a_new_boot_or_under_a_new_key(
    machine: Machine, counted: Counted, mode: str, renew: str
) -> None:
    machine.run(mode, "false", **KEY)
    if renew == "boot":
        machine.reboot()
    again = machine.run(
        mode, *counted.command(), BATCHYARD_KEY=KEY["BATCHYARD_KEY"] if renew == "boot" else f"{JOB}.node.1"
    )
    assert (again.status, counted.runs) == (0, 1)


@pytest.mark.parametrize("mode", ["prep", "start"])
def test_a_command_that_cannot_be_launched_is_a_final_failure(machine: Machine, counted: Counted, mode: str) -> None:
    first = machine.run(mode, "no-such-program", BATCHYARD_MAX_RETRIES="-1", **KEY)
    assert (first.code, first.result["retryCount"]) == ("CommandProgramNotFound", 0)
    again = machine.run(mode, *counted.command(), **KEY)
    assert (again.status, again.message, counted.runs) == (125, first.message, 0)


def test_a_failed_preparation_leaves_no_mark_of_success(machine: Machine) -> None:
    machine.run("prep", "false", **KEY)
    assert not (machine.boot / f"{JOB}.prepared").exists()
    assert list((machine.root / ".batchyard" / "prepared").iterdir()) == []


@pytest.mark.parametrize("mode", ["prep", "start"])
@pytest.mark.parametrize(
    ("retries", "failures", "runs", "status"),
    [("0", 9, 1, 1), ("1", 9, 2, 1), ("2", 2, 3, 0), ("-1", 2, 3, 0), ("5", 0, 1, 0)],
)
def test_retries_happen_in_place_as_often_as_allowed(  # noqa: PLR0917 # a table of four columns
    machine: Machine, counted: Counted, mode: str, retries: str, failures: int, runs: int, status: int
) -> None:
    script = f"ls; echo x >made; echo run >>{counted.log}; test $(wc -l <{counted.log}) -gt {failures}"
    ended = machine.run(mode, "/bin/sh", "-c", script, BATCHYARD_MAX_RETRIES=retries)
    assert (ended.status, counted.runs, ended.result["retryCount"]) == (status, runs, runs - 1)
    assert ended.out == b"", "every run finds a clean directory"
    assert ("lastRetryTime" in ended.result) == (runs > 1)


def test_a_preparation_past_its_wall_clock_is_not_retried(machine: Machine) -> None:
    ended = machine.run("prep", "sleep", "1000", BATCHYARD_WALL_CLOCK="1", BATCHYARD_MAX_RETRIES="-1")
    assert (ended.code, ended.result["retryCount"]) == ("TaskEnded", 0)


def test_tasks_are_never_retried_in_place(machine: Machine, counted: Counted) -> None:
    machine.run("task", *counted.command(1), BATCHYARD_MAX_RETRIES="3")
    assert counted.runs == 1


def test_a_clean_directory_is_had_where_the_earlier_run_made_its_own_unwritable(
    machine: Machine, counted: Counted
) -> None:
    machine.run("prep", "/bin/sh", "-c", "mkdir -p a/b; touch a/b/c; chmod -R 0 a; exit 1")
    again = machine.run("prep", *counted.command())
    assert (again.status, again.out) == (0, b"")


def test_a_start_task_runs_in_the_startup_directory(machine: Machine) -> None:
    assert machine.run("start", "/bin/pwd").out.decode() == f"{machine.root}/startup/wd\n"
    assert (machine.root / "startup" / "stdout.txt").exists()


def test_a_start_task_that_succeeded_is_not_repeated_by_a_restart(machine: Machine, counted: Counted) -> None:
    first = machine.run("start", *counted.command(), **KEY)
    again = machine.run("start", *counted.command(), **KEY)
    assert (again.status, again.message, counted.runs) == (0, first.message, 1)


@pytest.mark.parametrize("renew", ["boot", "key"])
def test_a_start_task_runs_again_in_a_new_boot_or_under_a_new_key(
    machine: Machine, counted: Counted, renew: str
) -> None:
    machine.run("start", *counted.command(), **KEY)
    if renew == "boot":
        machine.reboot()
    again = machine.run("start", *counted.command(), BATCHYARD_KEY=KEY["BATCHYARD_KEY"] if renew == "boot" else "pod.1")
    assert (again.status, again.out, counted.runs) == (0, b"", 2)


def test_a_mark_that_cannot_be_written_is_no_success(machine: Machine) -> None:
    (machine.boot / f"{JOB}.prepared").mkdir()
    ended = machine.run("prep", "true")
    assert (ended.status, ended.result["exitCode"], ended.code) == (125, None, "ResourceDirectoryCreateFailed")
    assert [path.name for path in machine.boot.glob(f"{JOB}.*")] == [f"{JOB}.prepared"]
