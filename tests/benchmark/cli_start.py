"""What a start of the command line costs: help, and a list against a server that refuses the connection at once.

CPU time, because seconds depend on what else the machine does; on an idle one they are the same. Best of ten.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.cli.test_start import KUBECONFIG, PACKAGE

ROUNDS = 10


def milliseconds(*argv: str, kubeconfig: Path) -> float:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGE), "KUBECONFIG": str(kubeconfig)}
    took = []
    for _ in range(ROUNDS):
        begin = _spent()
        subprocess.run([sys.executable, *argv], env=env, capture_output=True, check=False)
        took.append(_spent() - begin)
    return 1000 * min(took)


def _spent() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config"
        config.write_text(KUBECONFIG)
        for name, argv in (
            ("python alone", ("-c", "")),
            ("batchyard --help", ("-m", "batchyard.cli", "--help")),
            ("batchyard job list", ("-m", "batchyard.cli", "job", "list")),
        ):
            print(f"  {name + ', CPU ms':<36}{milliseconds(*argv, kubeconfig=config):>10.0f}", flush=True)


if __name__ == "__main__":
    main()
