"""Podman in a root file system and namespaces of its own: for machines without Docker.

Nothing is installed on the machine, nothing of it is changed, and killing one process ends everything that ran.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.cluster import cgroups
from tests.cluster.commands import Argument
from tests.cluster.processes import kill
from tests.cluster.waiting import wait_for

ENTER = Path(__file__).parent / "enter.sh"
SHARED = Path("/mnt/state")  # Podman.state, as seen inside
CGROUP = "libpod_parent"
ENVIRONMENT = (
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/run",
    f"TMPDIR={SHARED}",
    "KIND_EXPERIMENTAL_PROVIDER=podman",
)
START_SECONDS = 60.0


@dataclass(frozen=True)
class Podman:
    """One engine, with a directory shared with us that holds all it writes."""

    state: Path

    def start(self, root: Path, images: Path) -> None:
        """Start it in a root file system, with a store of images that others may use at the same time."""
        (self.state / "containers").mkdir(parents=True, exist_ok=True)
        namespaces = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child")
        argv: list[str | Path] = [*namespaces, "sh", ENTER, root, self.state, images]
        with (self.state / "engine.log").open("w") as log:
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        wait_for("the engine's namespaces", lambda: self._entered(process), START_SECONDS)

    def stop(self) -> None:
        """Kill everything in the namespaces, which then vanish, and remove the containers' cgroups."""
        first = self._first_process()
        if first is not None:
            kill([first])
        for container in self.state.glob("containers/storage/overlay-containers/*/"):
            cgroups.remove(CGROUP, f"libpod-{container.name}")
        _remove_empty_cgroups()

    @property
    def running(self) -> bool:
        return self._first_process() is not None

    def inside(self, *argv: Argument) -> list[str]:
        """The command line that runs a program of the engine's root in its namespaces."""
        namespaces = ("--mount", "--net", "--pid", "--root", "--wdns=/")
        enter = ["nsenter", f"--target={self._first_process()}", *namespaces, "--", "env", "-i", *ENVIRONMENT]
        return [*enter, *(str(word) for word in argv)]

    def beside(self, *argv: Argument) -> list[str]:
        """The command line that runs a program of this machine in the engine's network, where the cluster is."""
        return ["nsenter", f"--net=/proc/{self._first_process()}/ns/net", "--", *(str(word) for word in argv)]

    def _entered(self, process: subprocess.Popen[bytes]) -> bool:
        if process.poll() is not None:
            raise SystemExit(f"the engine did not start:\n{(self.state / 'engine.log').read_text()}")
        return (self.state / "entered").exists()

    def _first_process(self) -> int | None:
        """Of the PID namespace. Looked for among all, so that it is found even when its directory was deleted under it."""
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_text().split("\0")
                if words[:2] == ["sh", str(ENTER)] and str(self.state) in words and _is_first(process):
                    return int(process.name)
            except (FileNotFoundError, ProcessLookupError):
                continue  # ended meanwhile
        return None


def _is_first(process: Path) -> bool:
    """Whether it is process 1 of a PID namespace below ours; the shell's short-lived copies look the same else."""
    ids = next(line for line in (process / "status").read_text().splitlines() if line.startswith("NSpid:"))
    return ids.split()[-1] == "1"


def _remove_empty_cgroups() -> None:
    """The parent of all containers, unless others have containers in it."""
    for hierarchy in cgroups.hierarchies():
        for group in (hierarchy / CGROUP / "conmon", hierarchy / CGROUP):
            try:
                group.rmdir()
            except OSError:
                continue
