"""Wiping removes one directory and one job's marks for certain, and nothing outside, whatever tasks left inside."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.node.machine import JOB, TASK_USER, Machine, tree


@pytest.fixture
def job(machine: Machine) -> Path:
    """A job's directory beside another's."""
    for name in ("demo", "demo2"):
        machine.directory("task001", name).mkdir(parents=True)
        (machine.directory("task001", name) / "stdout.txt").touch()
    for path in tree(machine.root / "workitems"):
        os.chown(path, TASK_USER, TASK_USER)
    return machine.root / "workitems" / "demo"


@pytest.fixture
def canary(machine: Machine) -> Iterator[Path]:
    """Something outside that must survive unchanged."""
    canary = machine.folder / "canary"
    canary.mkdir()
    (canary / "file").write_text("alive")
    yield canary
    assert (canary / "file").read_text() == "alive"


def wiped(machine: Machine, directory: Path, **env: str) -> bool:
    done = machine.tool("wipe.sh", directory, **env)
    assert (done.returncode == 0) == (done.stderr == "")
    return done.returncode == 0


def nest(directory: Path) -> None:
    """Deeper than any path can say."""
    directory.mkdir()
    here = os.open(directory, os.O_DIRECTORY)
    for _ in range(60):
        os.mkdir("n" * 200, dir_fd=here)
        below = os.open("n" * 200, os.O_DIRECTORY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)


def test_exactly_the_directory_is_removed(machine: Machine, job: Path) -> None:
    before = tree(machine.root)
    assert wiped(machine, job)
    inside = [path for path in before if path == str(job) or path.startswith(f"{job}/")]
    assert len(inside) == 4
    assert tree(machine.root) == [path for path in before if path not in inside]


def test_a_job_whose_id_has_a_colon_is_wiped(machine: Machine) -> None:
    machine.directory("task001", "daily:1").mkdir(parents=True)
    assert wiped(machine, machine.root / "workitems" / "daily:1")
    assert not (machine.root / "workitems" / "daily:1").exists()


def test_an_absent_directory_is_wiped_already(machine: Machine) -> None:
    assert wiped(machine, machine.root / "workitems" / "never")
    assert wiped(machine, machine.root / "workitems" / "schedule" / "never")


def test_the_marks_of_the_job_go_and_those_of_others_stay(machine: Machine, job: Path) -> None:
    for uid in (JOB, "other"):
        machine.run("prep", "true", BATCHYARD_JOB_UID=uid, BATCHYARD_KEY=f"{uid}.node.0")
        machine.run("task", "true", BATCHYARD_JOB_UID=uid, BATCHYARD_KEY=f"{uid}.task.0")
        machine.run("prep", "false", BATCHYARD_JOB_UID=f"{uid}.failed", BATCHYARD_KEY=f"{uid}.node.1")
    assert wiped(machine, job, BATCHYARD_JOB_UID=JOB)
    assert (machine.root / ".batchyard" / "started" / "other.task.0").exists()
    marks = [path for path in (*tree(machine.root / ".batchyard"), *tree(machine.boot)) if JOB in path]
    assert marks == []
    assert {path.name for path in machine.boot.iterdir()} == {"serving", "other.prepared", "other.node.1.failed"}


def test_what_was_half_written_or_planted_among_the_marks_goes_with_them(
    machine: Machine, job: Path, canary: Path
) -> None:
    own = machine.root / ".batchyard"
    for where in (own / "started", own / "prepared", machine.boot):
        (where / f"{JOB}.released.Ab3dE6").touch(mode=0o600)
        (where / f"{JOB}.new").symlink_to(canary)
        os.mkfifo(where / f"{JOB}.fifo")
        nest(where / f"{JOB}.deep")
        (where / "other.kept").touch()
    assert wiped(machine, job, BATCHYARD_JOB_UID=JOB)
    marks = [path for path in (*tree(own), *tree(machine.boot)) if "/bin" not in path]
    assert [path for path in marks if JOB in path] == []
    assert sum(path.endswith("other.kept") for path in marks) == 3


@pytest.mark.parametrize("place", ["demo", "demo/job-1/task001/link", "demo/job-1/task001/stdout.txt/../link"])
def test_links_are_removed_and_never_followed(machine: Machine, job: Path, canary: Path, place: str) -> None:
    link = Path(os.path.normpath(job.parent / place))
    if link == job:
        job.rename(job.with_name("moved"))
    link.symlink_to(canary)
    (link.parent / "dangling").symlink_to("/nowhere/at/all")
    assert wiped(machine, job)
    assert not job.is_symlink()


@pytest.mark.parametrize("linked", ["workitems", ".batchyard/trash"])
def test_a_link_on_the_way_stops_the_wipe(machine: Machine, job: Path, canary: Path, linked: str) -> None:
    place = machine.root / linked
    place.rename(machine.folder / "moved")
    (canary / "demo").mkdir()
    place.symlink_to(canary)
    assert not wiped(machine, job)
    assert (canary / "demo").exists()


def test_a_bind_mount_inside_is_never_crossed(machine: Machine, job: Path, canary: Path) -> None:
    point = job / "job-1" / "mounted"
    point.mkdir()
    subprocess.run(["mount", "--bind", canary, point], check=True)
    try:
        assert not wiped(machine, job)
    finally:
        subprocess.run(["umount", point], check=True)
    assert wiped(machine, job)


@pytest.mark.parametrize("name", ["-rf", " ", "a\nb", "*", "$(touch x)", "\\", "'\"", "é", "\x01", "x" * 255])
def test_odd_names_are_removed(machine: Machine, job: Path, name: str) -> None:
    (job / name).mkdir()
    (job / name / name).touch()
    assert wiped(machine, job)


def test_directories_made_unwritable_are_removed(machine: Machine, job: Path) -> None:
    machine.run("task", "/bin/sh", "-c", "mkdir -p a/b; touch a/b/c; chmod -R 0 a; chmod 0 . ..")
    assert wiped(machine, job)


def test_directories_nested_deeper_than_any_path_are_removed(machine: Machine, job: Path) -> None:
    nest(job / "deep")
    assert wiped(machine, job)
    assert list((machine.root / ".batchyard" / "trash").iterdir()) == []


def test_what_an_interrupted_wipe_had_moved_away_is_removed_too(machine: Machine, job: Path) -> None:
    grave = machine.root / ".batchyard" / "trash" / "workitems:demo"
    job.rename(grave)
    assert wiped(machine, job)
    assert not grave.exists()


def test_a_whole_pool_is_wiped_from_above(machine: Machine, canary: Path) -> None:
    pools = machine.mounts / "pools"
    for uid in ("pool-1", "pool-2"):
        (pools / uid / "workitems").mkdir(parents=True)
        (pools / uid / "link").symlink_to(canary)
    assert wiped(machine, pools / "pool-1")
    assert not (pools / "pool-1").exists()
    assert (pools / "pool-2" / "workitems").exists()


@pytest.mark.parametrize(
    "directory",
    [
        "/",
        "/etc",
        "{root}",
        "{root}/",
        "{root}/..",
        "{root}/workitems/../shared",
        "{root}//x",
        "{root}/.batchyard",
        "relative",
        "",
    ],
)
def test_any_other_place_is_refused(machine: Machine, directory: str) -> None:
    before = tree(machine.root)
    assert not wiped(machine, Path("/"), BATCHYARD_MOUNTS="/nowhere")
    assert machine.tool("wipe.sh", directory.format(root=machine.root)).returncode == 1
    assert tree(machine.root) == before


@pytest.mark.parametrize("uid", ["*", "../x", ".", "a/b"])
def test_a_job_uid_that_is_no_plain_name_is_refused(machine: Machine, job: Path, uid: str) -> None:
    assert not wiped(machine, job, BATCHYARD_JOB_UID=uid)
    assert job.exists()
