"""Daemons of a cluster: started in a session of their own, known by a file with their process id and start time."""

import os
import signal
from pathlib import Path
from typing import Any

from tests.cluster.commands import Argument
from tests.cluster.layout import Layout
from tests.cluster.waiting import wait_for

END_SECONDS = 60.0


def start(layout: Layout, name: str, *argv: Argument, env: dict[str, str] | None = None) -> None:
    layout.logs.mkdir(parents=True, exist_ok=True)
    layout.pids.mkdir(parents=True, exist_ok=True)
    log = str(layout.logs / f"{name}.log")
    words = [str(word) for word in argv]
    files = [
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    environment = {**os.environ, **(env or {})}
    # what we were started to ignore (in the background, by nohup) they and all their containers would ignore too
    signals: dict[str, Any] = {"setsigmask": (), "setsigdef": signal.valid_signals()}
    pid = os.posix_spawnp(words[0], words, environment, file_actions=files, setsid=True, **signals)
    (layout.pids / name).write_text(f"{pid} {_start_time(pid)}")


def find(layout: Layout, name: str) -> int | None:
    """The process id of a daemon that lives."""
    try:
        pid, started = (layout.pids / name).read_text().split()
    except FileNotFoundError:
        return None
    # after a reboot of the machine the same id may be somebody else's
    return int(pid) if _start_time(int(pid)) == started else None


def has_died(layout: Layout, name: str) -> bool:
    """Whether a daemon was started and ended although nobody stopped it."""
    return (layout.pids / name).exists() and find(layout, name) is None


def stop(layout: Layout, name: str) -> None:
    """Kill a daemon, if it lives."""
    pid = find(layout, name)
    if pid is not None:
        kill([pid])
    (layout.pids / name).unlink(missing_ok=True)


def kill(pids: list[int]) -> None:
    """Kill processes and wait until each has ended with all it holds."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    for pid in pids:
        wait_for(f"end of process {pid}", lambda pid=pid: gone(pid), END_SECONDS, interval=0.01)  # type: ignore[misc]


def gone(pid: int) -> bool:
    """A zombie is gone too: it holds nothing any more."""
    return _start_time(pid) is None


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _start_time(pid: int) -> str | None:
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
    except (FileNotFoundError, ProcessLookupError):
        return None
    # the first thread may be a zombie while others, still ending, keep the ports and locks they share
    if state in "ZX" and threads <= 1:
        _reap(pid)
        return None
    return fields[18]  # field 22 of proc(5): start time since boot


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return  # somebody else's child
