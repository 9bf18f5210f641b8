"""Bugs that a simulated cluster cannot show, by their nature: a test of what they are in tells. Runs it, decides nothing."""

from __future__ import annotations

import os

import pytest

from tests.mutants.copies import ROOT


def fails(name: str) -> bool:
    """Imports the operator, and takes its scripts, from where this process does."""
    paths = f"pythonpath={os.environ['PYTHONPATH']} {ROOT}"
    code = pytest.main(["-q", "-x", "-p", "no:cacheprovider", "-o", paths, name])
    assert code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED), f"{name}: {code!r}"
    return code is pytest.ExitCode.TESTS_FAILED
