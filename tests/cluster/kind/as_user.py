"""What a user does with a cluster whose KUBECONFIG is in the environment: install the operator, run the example, look at it."""

import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

from tests.cluster import programs
from tests.cluster.commands import CommandError
from tests.cluster.example import run_example
from tests.cluster.installation import install
from tests.cluster.kind.cluster import Cluster


def main() -> None:
    kubeconfig, cluster = Path(os.environ["KUBECONFIG"]), Cluster()

    def read(node: str, path: PurePosixPath) -> str | None:
        cat = cluster.engine.in_node(node, "cat", str(path))
        done = subprocess.run(cat, check=False, capture_output=True, text=True)
        if done.returncode and "No such file" not in done.stderr:
            raise CommandError(f"reading {path} on {node}: {done.stderr}")
        return None if done.returncode else done.stdout

    install(kubeconfig)
    if not run_example(kubeconfig, programs.build(), read).as_promised:
        sys.exit("the example did not do what it should")


if __name__ == "__main__":
    main()
