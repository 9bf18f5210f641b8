"""Daemons are known by their process id and start time, never by the id alone."""

import os
from pathlib import Path

import pytest

from tests.cluster import processes
from tests.cluster.layout import Layout
from tests.cluster.waiting import wait_for


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(0, tmp_path, tmp_path)


def test_started_daemon_is_found_until_it_is_stopped(layout: Layout) -> None:
    processes.start(layout, "sleeper", "sleep", "1000")
    pid = processes.find(layout, "sleeper")
    assert pid is not None
    assert not processes.gone(pid)
    processes.stop(layout, "sleeper")
    assert processes.gone(pid)
    assert processes.find(layout, "sleeper") is None
    processes.stop(layout, "sleeper")


def test_another_process_under_the_same_id_is_left_alone(layout: Layout) -> None:
    layout.pids.mkdir()
    (layout.pids / "sleeper").write_text(f"{os.getpid()} 1")
    assert processes.find(layout, "sleeper") is None
    processes.stop(layout, "sleeper")


def test_log_of_a_daemon_holds_both_its_streams(layout: Layout) -> None:
    processes.start(layout, "speaker", "sh", "-c", "echo out; echo err >&2; exec sleep 1000")
    log = layout.logs / "speaker.log"
    wait_for("both lines", lambda: log.read_text() == "out\nerr\n", 10)
    processes.stop(layout, "speaker")
