"""A watch that is cut off goes on; one that cannot begin says so."""

from contextlib import closing
from pathlib import Path

import pytest

from tests.cluster.commands import CommandError
from tests.cluster.watching import watch


def script(folder: Path, body: str) -> str:
    path = folder / "kubectl"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def test_watch_that_is_cut_off_begins_anew(tmp_path: Path) -> None:
    with closing(watch(script(tmp_path, "echo line"), seconds=60)) as lines:
        assert [next(lines) for _ in range(3)] == ["line"] * 3


def test_watch_ends_when_the_seconds_are_over(tmp_path: Path) -> None:
    assert list(watch(script(tmp_path, "echo line; sleep 1.1"), seconds=1)) == ["line"]


def test_watch_that_cannot_begin_raises(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="exit code 3"):
        list(watch(script(tmp_path, "exit 3"), seconds=60))
