"""What a user does with a cluster whose KUBECONFIG is in the environment: install the operator, run the example, look at it."""

import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

from tests.cluster import programs
from tests.cluster.example import run_example
from tests.cluster.installation import install
from tests.cluster.kind.cluster import Cluster


def main() -> None:
    kubeconfig, cluster = Path(os.environ["KUBECONFIG"]), Cluster()

    def read(node: str, path: PurePosixPath) -> str | None:
        done = subprocess.run(
            cluster.engine.in_node(node, "cat", str(path)), check=False, stdout=subprocess.PIPE, text=True
        )
        return done.stdout if done.returncode == 0 else None

    install(kubeconfig)
    if not run_example(kubeconfig, programs.build(), read).as_promised:
        sys.exit("the example did not do what it should")


if __name__ == "__main__":
    main()
