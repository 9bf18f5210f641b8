"""kind as everybody runs it: on Docker, with kind's public node image."""

import shutil
import subprocess
from pathlib import Path

from tests.cluster import programs
from tests.cluster.commands import Argument, run
from tests.cluster.kind.node.programs import MODULES

ANSWER_SECONDS = 20


def docker_answers() -> bool:
    """Whether there is a Docker whose daemon can be reached."""
    if shutil.which("docker") is None:
        return False
    try:
        asked = subprocess.run(["docker", "info"], check=False, capture_output=True, timeout=ANSWER_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0


class KindOnDocker:
    create_options: tuple[str, ...] = ()

    def __init__(self, state: Path, cluster: str) -> None:
        self.ours, self.cluster = state / "on-docker", cluster

    def build(self) -> None:
        programs.build(MODULES / "kind")

    def start(self) -> None:
        """From here on the cluster of this name is ours: refuse to take over one that was made elsewhere."""
        if self.cluster in run(*self.kind("get", "clusters")).split():
            raise SystemExit(
                f"a kind cluster named {self.cluster} exists already: kind delete cluster --name {self.cluster}"
            )
        self.ours.touch()

    def stop(self) -> None:
        if self.ours.exists():
            run(*self.kind("delete", "cluster", "--name", self.cluster))

    @property
    def running(self) -> bool:
        return self.ours.exists()

    def kind(self, *args: Argument) -> list[str]:
        return [str(programs.build(MODULES / "kind") / "kind"), *(str(word) for word in args)]

    def beside(self, *argv: Argument) -> list[str]:
        """The command line that runs a program where the cluster can be reached."""
        return [str(word) for word in argv]

    def in_node(self, node: str, *argv: str) -> list[str]:
        return ["docker", "exec", node, *argv]

    def seen(self, path: Path) -> Path:
        """The path of a file of the state directory, as kind sees it."""
        return path
