"""How much happens in a drawn life. Most bugs need little to show: small lives find more of them in the same time."""

from __future__ import annotations

from dataclasses import dataclass

from tests.simulation.tape import Tape

ALL_LARGE = 1000
"""Seeds below live large lives (`make test` plays these), of the others one in `LARGE_EVERY`."""
LARGE_EVERY = 5


@dataclass(frozen=True)
class Size:
    """At most."""

    jobs: int
    tasks: int
    """Of each job, when it begins."""
    acts: int
    """On each job, and on the pool."""
    storm_seconds: float


LARGE = Size(jobs=2, tasks=5, acts=2, storm_seconds=300.0)
SMALL = Size(jobs=1, tasks=2, acts=1, storm_seconds=90.0)


def drawn(tape: Tape) -> Size:
    large = tape.seed < ALL_LARGE or tape.number("size") < 1 / LARGE_EVERY
    return LARGE if large else SMALL
