"""kind for machines without Docker: on a Podman that is installed nowhere, with a node image made here."""

from pathlib import Path

from tests.cluster.commands import Argument
from tests.cluster.kind.node import build
from tests.cluster.kind.podman import SHARED, Podman


class KindOnPodman:
    create_options = ("--image", build.IMAGE)

    def __init__(self, state: Path) -> None:
        self.state, self.podman = state, Podman(state)

    def build(self) -> None:
        build.build()

    def start(self) -> None:
        built = build.build()
        self.podman.start(built.engine, built.images)

    def stop(self) -> None:
        """Pull the plug: kind's own deletion would only do the same more slowly."""
        self.podman.stop()

    @property
    def running(self) -> bool:
        return self.podman.running

    def kind(self, *args: Argument) -> list[str]:
        return self.podman.inside("kind", *args)

    def beside(self, *argv: Argument) -> list[str]:
        """The command line that runs a program where the cluster can be reached."""
        return self.podman.beside(*argv)

    def in_node(self, node: str, *argv: str) -> list[str]:
        return self.podman.inside("podman", "exec", node, *argv)

    def seen(self, path: Path) -> Path:
        """The path of a file of the state directory, as kind sees it."""
        return SHARED / path.relative_to(self.state)
