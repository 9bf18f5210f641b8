"""The scripts as text: every shell they may meet can parse them, and they use only what busybox has."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.node.machine import SOURCES

SCRIPTS = sorted(SOURCES.glob("*.sh"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
@pytest.mark.parametrize("shell", ["busybox sh", "dash"])
def test_a_script_parses(script: Path, shell: str, busybox: Path) -> None:
    command = shell.replace("busybox", str(busybox)).split()
    done = subprocess.run([*command, "-n", script], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_calls_only_applets_that_busybox_has(script: Path, busybox: Path) -> None:
    applets = subprocess.run([busybox, "--list"], check=True, capture_output=True, text=True).stdout.split()
    used = re.findall(r'"\$_?busybox" ([a-z0-9]+)', script.read_text())
    assert used
    assert set(used) <= set(applets)
