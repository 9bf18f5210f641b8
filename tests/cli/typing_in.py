"""Types a command as a user would, against a cluster in memory, and gives back what was printed and the exit code."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from click.testing import CliRunner

from batchyard.cli.app import batchyard, run
from batchyard.cli.session import Session, Start, Wish
from tests.cli.memory import Memory, Object
from tests.cli.objects import NOW


@dataclass(frozen=True)
class Said:
    out: str
    err: str
    code: int
    both: str
    """As on a terminal."""


def typed(line: str, cluster: Memory, stdin: str = "", now: Callable[[], datetime] = lambda: NOW) -> Said:
    """What the user sees; the whole way down from the entry point."""

    def connect(wish: Wish) -> Session:
        return Session(
            cluster,
            wish.namespace or "default",
            now=now,
            pause=lambda _seconds: None,
            namespace_given=wish.namespace is not None,
        )

    with CliRunner().isolation(input=stdin) as (out, err, both):
        code = run(shlex.split(line), Start(connect=connect))
        return Said(
            out.getvalue().decode(errors="surrogateescape"),
            err.getvalue().decode(),
            code,
            both.getvalue().decode(errors="surrogateescape"),
        )


def said(line: str, *objects: Object) -> str:
    """Of a command that only reads and that succeeds."""
    answer = typed(line, Memory(*objects))
    assert (answer.code, answer.err) == (0, "")
    return answer.out


__all__ = ["Said", "batchyard", "said", "typed"]
