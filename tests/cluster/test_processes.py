"""Daemons are known by their process id and start time, never by the id alone."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.cluster import evidence, processes
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


LEADER_ENDS = """
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(1000,)).start()
ctypes.CDLL(None).pthread_exit(None)
"""


def test_process_lives_until_its_last_thread_has_ended(layout: Layout) -> None:
    """Its ports and locks are taken until then: a successor would fail."""
    processes.start(layout, "threads", sys.executable, "-c", LEADER_ENDS)
    pid = processes.find(layout, "threads")
    assert pid is not None
    wait_for("the end of the first thread", lambda: ") Z" in Path(f"/proc/{pid}/stat").read_text(), 10)
    assert processes.find(layout, "threads") == pid
    processes.stop(layout, "threads")
    assert processes.gone(pid)
    assert not Path(f"/proc/{pid}").exists()


def test_daemon_ignores_no_signal_that_we_were_started_to_ignore(layout: Layout) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        processes.start(layout, "sleeper", "sleep", "1000")
    finally:
        signal.signal(signal.SIGHUP, before)
    pid = processes.find(layout, "sleeper")
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("SigIgn"))
    assert not int(line.split()[1], 16) & 1 << (signal.SIGHUP - 1)
    processes.stop(layout, "sleeper")


def test_death_of_a_daemon_differs_from_its_stop(layout: Layout) -> None:
    for ending in ("true", "sleep 1000"):
        processes.start(layout, ending, *ending.split())
    wait_for("the end", lambda: processes.has_died(layout, "true"), 10)
    assert not processes.has_died(layout, "sleep 1000")
    processes.stop(layout, "sleep 1000")
    assert not processes.has_died(layout, "sleep 1000")


def test_failed_wait_shows_the_logs(layout: Layout) -> None:
    processes.start(layout, "etcd", "sh", "-c", "echo cannot start >&2; sleep 1000")
    with pytest.raises(TimeoutError, match=r"(?s)the moon: not within.*etcd.log.*cannot start"):
        evidence.wait_for(layout, "the moon", lambda: False, 1)
    processes.stop(layout, "etcd")


def test_wait_ends_at_once_when_the_control_plane_lost_a_program(layout: Layout) -> None:
    processes.start(layout, "etcd", "sh", "-c", "echo no disk >&2")
    with pytest.raises(evidence.DaemonDied, match=r"(?s)etcd ended by itself.*no disk"):
        evidence.wait_for(layout, "the moon", lambda: False, 60)


def test_log_of_a_daemon_holds_both_its_streams(layout: Layout) -> None:
    processes.start(layout, "speaker", "sh", "-c", "echo out; echo err >&2; exec sleep 1000")
    log = layout.logs / "speaker.log"
    wait_for("both lines", lambda: log.read_text() == "out\nerr\n", 10)
    processes.stop(layout, "speaker")
