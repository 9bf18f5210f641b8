"""Following what a `kubectl get --watch` prints, without asking again and again."""

import subprocess
from collections.abc import Generator


def watch(*argv: str, seconds: int) -> Generator[str, None, None]:
    """Its lines until the reader has seen enough and closes this, or the seconds are over."""
    words = [*argv, "--watch", f"--request-timeout={seconds}s"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield from (line.strip() for line in process.stdout or ())
        finally:
            process.kill()
