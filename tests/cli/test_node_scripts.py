"""What the command line runs on a node, run here: a real busybox, a root full of what tasks may have planted."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from typing_extensions import override

from batchyard.cli.outcome import Problem
from tests.cli.memory import Memory
from tests.cli.objects import NODE_ROOT, agent, node
from tests.cli.typing_in import Said, typed
from tests.cluster.packages import need


class Disk(Memory):
    """Executes for real, below a directory of this machine in place of the pool's root."""

    def __init__(self, root: Path) -> None:
        super().__init__(node("node1"), agent("node1"))
        self._root = root

    @override
    def execute(self, namespace: str, pod: str, container: str, argv: Iterable[str]) -> Iterator[bytes]:
        words = [word.replace(NODE_ROOT, str(self._root)) for word in argv]
        done = subprocess.run(words, capture_output=True, check=False, timeout=30)
        if done.returncode:
            raise Problem(done.stderr.decode().strip())
        yield done.stdout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Beside it is a secret, and links lead there."""
    if os.geteuid() == 0:
        need("busybox-static")
    root = tmp_path.resolve() / "root"
    (root / ".batchyard/bin").mkdir(parents=True)
    (root / ".batchyard/bin/busybox").symlink_to("/bin/busybox")
    (tmp_path / "secret").write_text("secret\n")
    work = root / "workitems/demo/job-1/a"
    (work / "wd/deep").mkdir(parents=True)
    (work / "stdout.txt").write_text("one\ntwo\nthree\n")
    (work / "wd/with space; and | more").write_text("x" * 10)
    (work / "wd/deep/inner").write_text("inner\n")
    (work / "wd/out").symlink_to(tmp_path / "secret")
    (work / "wd/up").symlink_to("../../../../../..")
    (work / "wd/near").symlink_to("deep/inner")
    (work / "wd/gone").symlink_to("nothing")
    os.mkfifo(work / "wd/fifo")
    return root


def asked(root: Path, line: str) -> Said:
    return typed(f"node {line}", Disk(root))


WD = "workitems/demo/job-1/a/wd"


def test_file_is_read_whole_or_from_its_end(root: Path) -> None:
    assert asked(root, "cat node1 workitems/demo/job-1/a/stdout.txt").out == "one\ntwo\nthree\n"
    assert asked(root, "cat node1 workitems/demo/job-1/a/stdout.txt --tail 2").out == "two\nthree\n"
    assert asked(root, f"cat node1 '{WD}/with space; and | more'").out == "x" * 10


def test_link_is_followed_as_long_as_it_stays_below_the_root(root: Path) -> None:
    assert asked(root, f"cat node1 {WD}/near").out == "inner\n"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("out", "leads out of"),
        ("up", "leads out of"),
        ("up/secret", "leads out of"),
        ("gone", "no such file or directory"),
        ("nothing", "no such file or directory"),
        ("fifo", "is no regular file"),
        ("deep", "is a directory; `batchyard node files` lists it"),
    ],
)
def test_what_is_no_file_below_the_root_is_not_read(root: Path, path: str, says: str) -> None:
    answer = asked(root, f"cat node1 {WD}/{path}")
    assert says in answer.err
    assert (answer.out, "secret\n" in answer.err) == ("", False)
    assert answer.code != 0


def test_listing_shows_names_as_they_are_and_stays_below_the_root(root: Path) -> None:
    assert asked(root, f"files node1 {WD} -o name").out.splitlines() == [
        "deep",
        "fifo",
        "gone",
        "near",
        "out",
        "up",
        "with space; and | more",
    ]
    assert asked(root, f"files node1 {WD}/deep -r -o name").out == "inner\n"
    assert "leads out of" in asked(root, f"files node1 {WD}/up").err
    line = asked(root, "files node1 workitems/demo/job-1/a/stdout.txt").out.splitlines()[1]
    assert line.startswith("14 ")
