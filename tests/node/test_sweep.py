"""The agent removes task directories whose retention has passed, and nothing else."""

import subprocess
import time
from pathlib import Path

import pytest

from tests.cluster.waiting import wait_for
from tests.node.machine import DEFAULT_SIGNALS, PATIENCE, Machine


def task(machine: Machine, name: str, expires: str | None) -> Path:
    directory = machine.directory(name)
    (directory / "wd").mkdir(parents=True)
    (directory / "wd" / "data\nfile").touch()
    if expires is not None:
        (directory / ".expires").write_text(expires)
    return directory


def test_only_expired_directories_are_removed(machine: Machine) -> None:
    now = int(time.time())
    expired = [task(machine, name, f"{now - 5}\n") for name in ("past", "odd name\n'$(id)", "-rf")]
    texts = {
        "none": None,
        "later": f"{now + 1000}\n",
        "empty": "",
        "words": "soon\n",
        "negative": "-1\n",
        "long": "1" * 40,
    }
    kept = [task(machine, name, text) for name, text in texts.items()]
    done = machine.sweep()
    assert (done.returncode, done.stderr) == (0, "")
    assert [path for path in expired if path.exists()] == []
    assert [path for path in kept if not (path / "wd" / "data\nfile").exists()] == []


@pytest.mark.parametrize("linked", ["task", ".expires", "job-1"])
def test_no_link_leads_the_sweep_elsewhere(machine: Machine, linked: str) -> None:
    canary = machine.folder / "canary" / "t" / "t"
    canary.mkdir(parents=True)
    for directory in (canary, canary.parent):
        (directory / ".expires").write_text("1\n")
    place = {
        "task": machine.directory("task"),
        ".expires": machine.directory("task") / ".expires",
        "job-1": machine.directory("").parent / "job-1",
    }[linked]
    place.parent.mkdir(parents=True)
    place.symlink_to(canary / ".expires" if linked == ".expires" else canary.parent)
    assert machine.sweep().returncode == 0
    assert (canary / ".expires").exists()
    assert place.is_symlink()


def test_the_agent_sweeps_again_and_again_and_stops_at_once_when_told(machine: Machine) -> None:
    tools = machine.root / ".batchyard" / "bin"
    env = machine.environment() | {"BATCHYARD_SWEEP_INTERVAL": "0.1"}
    agent = subprocess.Popen([*DEFAULT_SIGNALS, tools / "busybox", "sh", tools / "sweep.sh"], env=env)
    try:
        for name in ("first", "second"):
            directory = task(machine, name, "1\n")
            wait_for(f"{name} is swept", lambda path=directory: not path.exists(), PATIENCE, 0.02)  # type: ignore[misc]
    finally:
        agent.terminate()
    assert agent.wait(5) == 0
