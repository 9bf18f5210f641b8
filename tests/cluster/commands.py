"""Running programs of this machine. What they are for belongs to the callers."""

import subprocess
from pathlib import Path

Argument = str | Path


class CommandError(RuntimeError):
    """A program failed; the message holds its command line and what it said."""


def run(*argv: Argument, stdin: str | None = None) -> str:
    """Run a program to its end and return its standard output."""
    done = _finish(argv, stdin)
    if done.returncode:
        line = " ".join(str(word) for word in argv)
        raise CommandError(f"{line}: exit code {done.returncode}\n{done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def succeeds(*argv: Argument) -> bool:
    return _finish(argv, None).returncode == 0


def _finish(argv: tuple[Argument, ...], stdin: str | None) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in argv]
    return subprocess.run(words, check=False, capture_output=True, text=True, input=stdin or "")
