"""The programs that a node and kind consist of, built from Go modules; one module per upstream project."""

from pathlib import Path

from tests.cluster import programs
from tests.cluster.commands import run

MODULES = Path(__file__).parents[1] / "modules"


class Programs:
    """Paths of programs by name."""

    def __init__(self) -> None:
        modules = [programs.KUBERNETES, *sorted(MODULES.iterdir())]
        self._paths = {path.name: path for module in modules for path in programs.build(module).iterdir()}

    def __getitem__(self, name: str) -> Path:
        return self._paths[name]

    @property
    def version(self) -> str:
        """Of Kubernetes, such as v1.36.3."""
        return run(self["kubeadm"], "version", "--output=short").strip()
