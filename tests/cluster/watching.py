"""Following what a `kubectl get --watch` prints, without asking again and again."""

import subprocess
import time
from collections.abc import Generator

from tests.cluster.commands import CommandError


def watch(*argv: str, seconds: int) -> Generator[str, None, None]:
    """Its lines until the reader has seen enough and closes this, or the seconds are over.

    The API server cuts off a watch whose reader is slow, as on a busy machine: then it begins anew, with what there is by then.
    """
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        words = [*argv, "--watch", f"--request-timeout={left:.0f}s"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            try:
                yield from (line.strip() for line in process.stdout or ())
                code = process.wait()
            finally:
                process.kill()
        if code and time.monotonic() < deadline:
            raise CommandError(f"{' '.join(words)}: exit code {code}")
