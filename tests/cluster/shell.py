"""Somebody's shell in which `batchyard` is typed, against a real cluster."""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from batchyard.cli.outcome import Exit
from tests.cluster.batch import Batch

ROOT = Path(__file__).parents[2]
_TIMES = (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), re.compile(r"\b(\d+[smhd])+\b"))


@dataclass(frozen=True)
class Shell:
    """Somebody's shell: their kubeconfig, the namespace of the test."""

    batch: Batch
    kubeconfig: Path

    def __call__(self, line: str, code: int = Exit.OK, stdin: str = "") -> str:
        """What a command prints, with times as T and runs of spaces as one; both streams, errors first."""
        done = subprocess.run(
            [sys.executable, "-m", "batchyard.cli", "-n", self.batch.namespace, *shlex.split(line)],
            env={**os.environ, "KUBECONFIG": str(self.kubeconfig), "PYTHONPATH": str(ROOT / "operator")},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert done.returncode == code, (line, done.returncode, done.stdout, done.stderr)
        text = done.stderr + done.stdout
        for pattern in _TIMES:
            text = pattern.sub("T", text)
        return re.sub(r" +", " ", text)
