"""One mutant, from its patch to what told of it. Everything happens in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.mutants.catching import EVERYWHERE, Catch
from tests.mutants.copies import ROOT, operator_with
from tests.mutants.corpus import Mutant

PATIENCE_SECONDS = 1800.0


class Broken(Exception):  # noqa: N818  reads as what happened
    """Neither caught nor missed: what should have played lives did not."""


def caught(mutant: Mutant, *, search: bool = False) -> Catch:
    """Where its head says, and else wherever `make test` looks; with `search` only there."""
    where = [mutant.hint] if mutant.by_test else [EVERYWHERE] if search else [mutant.hint, EVERYWHERE]
    with operator_with(mutant.patch) as package:
        return played(mutant.rules, where, package)


def played(rules: Sequence[str], where: Sequence[str], package: Path) -> Catch:
    """In a process that imports the operator from there."""
    command = [sys.executable, "-m", "tests.mutants.catching", ",".join(rules), *where]
    env = {**os.environ, "PYTHONPATH": str(package)}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise Broken(f"nothing after {PATIENCE_SECONDS} s") from None
    if done.returncode:
        raise Broken((done.stderr.strip() or done.stdout.strip())[-1000:])
    return Catch(**json.loads(done.stdout.splitlines()[-1]))
