"""A machine of a pool for the node's scripts: temporary directories laid out as in a container. Asserts nothing."""

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import batchyard
from tests.cluster.waiting import wait_for

SOURCES = Path(batchyard.__file__).parent / "node"
TASK_USER = 1000
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
JOB = "0b6f7c1e-job"
PATIENCE = 60.0
"""Seconds within which anything ends, on the busiest of machines too."""

# As a container runtime starts everything: what we were started to ignore, in the background or by nohup, no shell could undo.
DEFAULT_SIGNALS = ("/usr/bin/env", "--default-signal")


Environment = dict[str, Any]
"""Variables given with `**`: texts, but other keywords may stand beside them."""


@dataclass(frozen=True)
class Ended:
    """What the kubelet would see of a container that ended."""

    status: int
    message: str
    out: bytes
    err: bytes

    @property
    def result(self) -> dict[str, Any]:
        (line,) = self.message.splitlines()
        return dict(json.loads(line))

    @property
    def code(self) -> str:
        return str(self.result["code"])


@dataclass(frozen=True)
class Running:
    """A container that has started. What it logs goes to files, so that nothing but its own pipes can hold it up."""

    process: subprocess.Popen[bytes]
    folder: Path

    def end(self, seconds: float = PATIENCE) -> Ended:
        status = self.process.wait(seconds)
        out, err, message = (self.folder / name for name in ("out", "err", "message"))
        return Ended(status, message.read_text(), out.read_bytes(), err.read_bytes())


class Machine:
    """`folder` stands for `/` of every container."""

    def __init__(self, folder: Path, busybox: Path) -> None:
        self.folder = folder
        self.mounts = folder / "mnt" / "batch"
        self.root = self.mounts / "tasks"
        self.boot = self.mounts / "boot"
        self.image = folder / "opt" / "batchyard"
        (self.image / "bin").mkdir(parents=True)
        shutil.copy(busybox, self.image / "bin" / "busybox")
        shutil.copytree(SOURCES, self.image / "node")

    def setup(self, **env: str) -> subprocess.CompletedProcess[str]:
        return self.tool("setup.sh", **env)

    def reboot(self, **env: str) -> None:
        shutil.rmtree(self.boot)
        self.setup(**env)

    def tool(self, script: str, *arguments: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        """One of the scripts that run from the operator's own image, as root."""
        command: list[str | Path] = [self.image / "bin" / "busybox", "sh", self.image / "node" / script, *arguments]
        return subprocess.run(
            command, env=self.environment() | env, check=False, capture_output=True, text=True, timeout=PATIENCE
        )

    def sweep(self) -> subprocess.CompletedProcess[str]:
        """One round of the agent, which runs from the pool's directory."""
        tools = self.root / ".batchyard" / "bin"
        command: list[str | Path] = [tools / "busybox", "sh", tools / "sweep.sh", "once"]
        return subprocess.run(
            command, env=self.environment(), check=False, capture_output=True, text=True, timeout=PATIENCE
        )

    def environment(self) -> dict[str, str]:
        return {
            "AZ_BATCH_NODE_ROOT_DIR": str(self.root),
            "BATCHYARD_BOOT_DIR": str(self.boot),
            "BATCHYARD_MOUNTS": str(self.mounts),
        }

    def directory(self, task: str, job: str = "demo") -> Path:
        return self.root / "workitems" / job / "job-1" / task

    def start(
        self, mode: str, *command: str, user: int = TASK_USER, around: tuple[str, ...] = (), **env: Any
    ) -> Running:
        """A user's container. `env` is added to what the operator and the image would set."""
        folder = self.folder / "containers" / uuid.uuid4().hex
        folder.mkdir(parents=True)
        message = folder / "message"
        message.touch()
        message.chmod(0o666)
        default = (
            self.root / "startup"
            if mode == "start"
            else self.directory({"prep": "jobpreparation"}.get(mode, "task001"))
        )
        given: Mapping[str, str] = {
            "PATH": PATH,
            "AZ_BATCH_NODE_ROOT_DIR": str(self.root),
            "AZ_BATCH_TASK_DIR": str(default),
            "BATCHYARD_BOOT_DIR": str(self.boot),
            "BATCHYARD_TERMINATION_LOG": str(message),
            "BATCHYARD_KEY": f"{JOB}.{uuid.uuid4().hex}",
            "BATCHYARD_JOB_UID": JOB,
            "BATCHYARD_KILL_AFTER": "1",
        }
        tools = self.root / ".batchyard" / "bin"
        with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
            process = subprocess.Popen(
                [*DEFAULT_SIGNALS, *around, str(tools / "busybox"), "sh", str(tools / "run.sh"), mode, "--", *command],
                env={**given, **env},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                user=user,
                group=user,
                extra_groups=[] if user in (0, TASK_USER) else [TASK_USER],  # the pool's group
                start_new_session=True,
            )
        return Running(process, folder)

    def run(self, mode: str, *command: str, user: int = TASK_USER, **env: Any) -> Ended:
        return self.start(mode, *command, user=user, **env).end()


def wait_for_file(path: Path) -> str:
    """The text of a file, as soon as there is some."""
    return wait_for(f"{path.name} is written", lambda: path.exists() and path.read_text(), PATIENCE, 0.01) or ""


def alive(pid: int) -> bool:
    """A process that has not ended; a zombie has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def catches(pid: int, number: int) -> bool:
    """Whether a process has a handler of its own for a signal."""
    (line,) = (line for line in _text(Path(f"/proc/{pid}/status")).splitlines() if line.startswith("SigCgt:"))
    return bool(int(line.split()[1], 16) >> (number - 1) & 1)


def command_lines() -> list[str]:
    """Of every process on this machine."""
    return [line for path in Path("/proc").glob("[0-9]*/cmdline") if (line := _text(path))]


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def tree(path: Path) -> list[str]:
    """Every path below, links not followed."""
    return sorted(str(Path(base, name)) for base, folders, files in os.walk(path) for name in (*folders, *files))
