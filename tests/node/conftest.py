"""Real machines for the node's scripts: real busybox, real root, real uid 1000."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.packages import need
from tests.node.machine import Machine


@pytest.fixture(scope="session")
def busybox() -> Path:
    if os.geteuid() != 0:
        pytest.skip("needs root: containers of two users are played")
    need("busybox-static")
    return Path("/bin/busybox")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not tmp_path: uid 1000 must be able to enter it."""
    folder = Path(tempfile.mkdtemp(prefix="batchyard-node-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def bare_machine(folder: Path, busybox: Path) -> Machine:
    return Machine(folder, busybox)


@pytest.fixture(scope="session")
def mounts(busybox: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What setup.sh makes. Every machine starts with a copy of it: setting up takes ten times longer."""
    model = Machine(tmp_path_factory.mktemp("model"), busybox)
    done = model.setup()
    assert (done.returncode, done.stderr) == (0, "")
    return model.mounts.parent


@pytest.fixture
def machine(bare_machine: Machine, mounts: Path) -> Machine:
    subprocess.run(["cp", "--archive", mounts, bare_machine.mounts.parent], check=True)
    return bare_machine


@pytest.fixture
def small_disk(bare_machine: Machine) -> Iterator[Machine]:
    """A machine whose pool directory is a disk of its own, just large enough for our tools."""
    bare_machine.root.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "small", bare_machine.root], check=True)
    try:
        bare_machine.setup()
        yield bare_machine
    finally:
        subprocess.run(["umount", bare_machine.root], check=True)
