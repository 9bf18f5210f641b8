"""The command line starts fast: what it loads is counted, because seconds depend on the machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "operator"
HEAVY = {
    "aiohttp",
    "asyncio",
    "batchyard.api.model",
    "hypothesis",
    "kopf",
    "kubernetes",
    "orjson",
    "pydantic",
    "requests",
}
HEAVY |= {"rich", "typing_extensions", "urllib3", "websocket"}
REACHING = {"ssl", "http.client", "yaml"}
"""What only a command that reaches a cluster may load."""
KUBECONFIG = """\
current-context: here
contexts: [{name: here, context: {cluster: here, user: me}}]
clusters: [{name: here, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: me, user: {token: secret}}]
"""


def loaded(*argv: str, **environment: str) -> set[str]:
    """The modules that a call loads, Python's own start not counted."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGE), **environment}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "batchyard.cli", *argv], env=env, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode in (0, 5), done.stderr
    lines = (line for line in done.stderr.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip() for line in lines}


@pytest.fixture(scope="module")
def bare() -> set[str]:
    done = subprocess.run([sys.executable, "-X", "importtime", "-c", ""], capture_output=True, text=True, check=True)
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


@pytest.mark.parametrize(
    "argv", [["--help"], ["job", "--help"], ["job", "run", "--help"], ["top", "--help"], ["completion", "bash"]]
)
def test_help_and_completion_load_neither_tls_nor_yaml(argv: list[str], bare: set[str]) -> None:
    found = loaded(*argv) - bare
    assert not found & (HEAVY | REACHING)
    assert len(found) < 130


def test_command_that_reaches_a_cluster_loads_no_library_for_it(tmp_path: Path, bare: set[str]) -> None:
    config = tmp_path / "config"
    config.write_text(KUBECONFIG)
    found = loaded("job", "list", KUBECONFIG=str(config)) - bare
    assert found >= REACHING
    assert not found & (HEAVY | {"subprocess", "tempfile"})
    assert len(found) < 200
    ours = {name for name in found if name.startswith("batchyard") and not name.startswith("batchyard.cli")}
    assert ours == {"batchyard", "batchyard.api", "batchyard.api.names", "batchyard.kube", "batchyard.kube.kinds"}
