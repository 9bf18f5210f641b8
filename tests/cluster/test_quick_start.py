"""docs/quick-start.md on a real cluster: its commands run as they are written, one after the other, and print what the page shows."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import image, installation
from tests.cluster.cluster import Cluster
from tests.conftest import Shown
from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "quick-start.md"
_STEP = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
_VARYING = {
    r"\bnode\d\b": "NODE",
    r"\btask\d{3}\b": "TASK",
    r"\b(\d+[smhd])+\b": "TIME",
    r"\S{3} \S{3} +\d+ [\d:]+ \d{4}": "TIME",
}
_LEFT_OUT = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
SECONDS = 300


def steps() -> list[tuple[str, str]]:
    """Each command of the page with what it shows below it."""
    return [(step[1], step[2]) for block in blocks(PAGE, "console") for step in _STEP.finditer(block)]


@pytest.fixture
def shell(cluster: Cluster, shown: Shown, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The variables of somebody's shell who has kubectl, helm and Python, and whose cluster has the image and no operator."""
    with shown():
        archive = image.archive()
    cluster.load(archive)
    installation.helm(cluster, "uninstall", installation.RELEASE, "--wait", "--ignore-not-found")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    programs = [tmp_path / "venv/bin", cluster.layout.programs, os.environ["PATH"]]
    own = {"PATH": ":".join(map(str, programs)), "KUBECONFIG": str(cluster.kubeconfig), "PYTHONPATH": ""}
    yield {**os.environ, **own, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    installation.install_as_in_tests(cluster)  # for the tests that come after


def test_commands_of_the_quick_start_print_what_it_shows(shell: dict[str, str]) -> None:
    assert len(steps()) == PAGE.read_text().count("\n$ ") > 10
    for command, shows in steps():
        line = ["/bin/bash", "-c", command]
        done = subprocess.run(line, cwd=ROOT, env=shell, capture_output=True, text=True, check=False, timeout=SECONDS)
        said = done.stderr + done.stdout
        assert done.returncode == 0, f"$ {command}\n{said}"
        assert doctest.OutputChecker().check_output(steady(shows), steady(said), _LEFT_OUT), f"$ {command}\n{said}"


def steady(text: str) -> str:
    """Without what is another with every run."""
    for pattern, name in _VARYING.items():
        text = re.sub(pattern, name, text)
    return text
