"""The pool's directories and tools, as the operator's own container makes them."""

import os

import pytest

from tests.node.machine import Machine


@pytest.mark.parametrize(
    ("directory", "owner", "mode"),
    [
        (".", 0, 0o755),
        (".batchyard/bin", 0, 0o755),
        (".batchyard/trash", 0, 0o700),
        (".batchyard/started", 0, 0o1733),
        (".batchyard/prepared", 0, 0o1733),
        ("shared", 1000, 0o777),
        ("startup", 1000, 0o775),
        ("workitems", 1000, 0o2775),
        ("applications", 1000, 0o755),
        ("fsmounts", 1000, 0o755),
        ("volatile", 1000, 0o755),
        ("../boot", 0, 0o1733),
    ],
)
def test_every_directory_has_its_owner_and_mode(machine: Machine, directory: str, owner: int, mode: int) -> None:
    status = (machine.root / directory).stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o7777) == (owner, owner, mode)


@pytest.mark.parametrize("tool", ["busybox", "run.sh", "supervise.sh", "sweep.sh"])
def test_tools_are_installed_for_all_to_run_and_for_none_to_change(machine: Machine, tool: str) -> None:
    status = (machine.root / ".batchyard" / "bin" / tool).stat()
    assert (status.st_uid, status.st_mode & 0o7777) == (0, 0o755)


def test_a_second_setup_changes_nothing(machine: Machine) -> None:
    tools = machine.root / ".batchyard" / "bin"
    before = {path.name: path.stat().st_ino for path in tools.iterdir()}
    (machine.root / "shared" / "kept").touch()
    assert machine.setup().returncode == 0
    assert {path.name: path.stat().st_ino for path in tools.iterdir()} == before
    assert (machine.root / "shared" / "kept").exists()


def test_a_new_version_of_a_tool_takes_the_old_ones_place_in_one_step(machine: Machine) -> None:
    tool = machine.root / ".batchyard" / "bin" / "run.sh"
    with tool.open() as opened, (machine.image / "node" / "run.sh").open("a") as source:
        source.write("# newer\n")
        source.flush()
        machine.setup()
        assert "# newer" not in opened.read()
    assert tool.read_text().endswith("# newer\n")
    assert not tool.with_name("run.sh.new").exists()


def test_a_link_planted_in_the_place_of_a_directory_is_not_followed(machine: Machine) -> None:
    canary = machine.folder / "canary"
    canary.mkdir(mode=0o700)
    (machine.root / "shared").rmdir()
    (machine.root / "shared").symlink_to(canary)
    assert machine.setup().returncode == 0
    assert (canary.stat().st_uid, canary.stat().st_mode & 0o7777) == (0, 0o700)
    assert not (machine.root / "shared").is_symlink()


@pytest.mark.parametrize("directory", [".batchyard/started", ".batchyard/prepared", "../boot"])
def test_a_directory_of_an_older_version_is_closed_by_the_next_setup(machine: Machine, directory: str) -> None:
    path = machine.root / directory
    (path / "kept").touch()
    os.chown(path, 1000, 1000)
    path.chmod(0o777)
    assert machine.setup().returncode == 0
    assert (path.stat().st_uid, path.stat().st_mode & 0o7777) == (0, 0o1733)
    assert (path / "kept").exists()


@pytest.mark.parametrize("planted", ["link to a file", "link to nowhere", "fifo", "file"])
def test_what_was_planted_where_a_node_is_said_to_serve_is_not_written_to(machine: Machine, planted: str) -> None:
    canary, serving = machine.folder / "canary", machine.boot / "serving"
    serving.unlink()
    match planted:
        case "fifo":
            os.mkfifo(serving)
        case "file":
            serving.write_text("1000's")
            os.chown(serving, 1000, 1000)
        case _:
            serving.symlink_to(canary)
    if planted == "link to a file":
        canary.write_text("alive")
    assert machine.setup().returncode == 0
    assert canary.exists() == (planted == "link to a file")
    assert not canary.exists() or canary.read_text() == "alive"
    assert machine.run("task", "true").status == 0
