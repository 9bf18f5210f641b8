"""One kind cluster of this checkout, from the ordinary kind-config.yaml at its top."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.cluster import programs
from tests.cluster.commands import Argument
from tests.cluster.kind.kind_on_docker import KindOnDocker, docker_answers
from tests.cluster.kind.kind_on_podman import KindOnPodman

TOP = Path(__file__).parents[3]
CONFIG = TOP / "kind-config.yaml"
STATE = Path(os.environ.get("KIND_STATE") or TOP / ".state-kind").absolute()
READY_SECONDS = 300


class Cluster:
    def __init__(self, state: Path = STATE) -> None:
        self.state = state
        self.name: str = yaml.safe_load(CONFIG.read_text())["name"]
        self.engine = KindOnDocker(state, self.name) if docker_answers() else KindOnPodman(state)

    @property
    def kubeconfig(self) -> Path:
        return self.state / "kubeconfig"

    @property
    def running(self) -> bool:
        return self.kubeconfig.exists() and self.engine.running

    def build(self) -> None:
        """Make everything that is made once."""
        programs.build()
        self.engine.build()

    def up(self) -> None:
        """Create the cluster; what an interrupted run left is removed first."""
        self.down()
        self.state.mkdir(parents=True)
        (self.state / ".gitignore").write_text("*\n")
        self.engine.start()
        files = ("--config", "-", "--kubeconfig", self.engine.seen(self.kubeconfig))
        create = self.engine.kind(
            "create", "cluster", *files, "--wait", f"{READY_SECONDS}s", *self.engine.create_options
        )
        subprocess.run(create, check=True, input=CONFIG.read_bytes())
        self.kubectl("wait", "--for=condition=Ready", "nodes", "--all", f"--timeout={READY_SECONDS}s")

    def down(self) -> None:
        """End the cluster, leaving nothing of it; it may be there as a whole, in parts or not at all."""
        self.engine.stop()
        shutil.rmtree(self.state, ignore_errors=True)

    def load(self, archive: Path) -> None:
        """Give the images of an archive to every node."""
        copy = self.state / "archive.tar"
        shutil.copyfile(archive, copy)
        try:
            load = self.engine.kind("load", "image-archive", self.engine.seen(copy), "--name", self.name)
            subprocess.run(load, check=True)
        finally:
            copy.unlink()

    def kubectl(self, *args: Argument) -> None:
        self.run(programs.build() / "kubectl", *args)

    def run(self, *argv: Argument) -> None:
        """Run a program of this machine that is to use the cluster."""
        environment = {**os.environ, "KUBECONFIG": str(self.kubeconfig)}
        subprocess.run(self.engine.beside(*argv), check=True, cwd=TOP, env=environment)


@contextmanager
def only_user() -> Iterator[None]:
    """Wait until nobody else makes, demonstrates or removes a kind cluster from this checkout."""
    with CONFIG.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another run of kind from this checkout", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
