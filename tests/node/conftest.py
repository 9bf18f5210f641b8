"""Real machines for the node's scripts: real busybox, real root, real uid 1000."""

import os
import shutil
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


@pytest.fixture
def machine(bare_machine: Machine) -> Machine:
    done = bare_machine.setup()
    assert (done.returncode, done.stderr) == (0, "")
    return bare_machine
