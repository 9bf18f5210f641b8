"""How much happens in a drawn life. Most bugs need little to show: small lives find more of them in the same time."""

from __future__ import annotations

from dataclasses import dataclass

from tests.simulation.tape import Tape


@dataclass(frozen=True)
class Size:
    """At most."""

    jobs: int
    tasks: int
    """Of each job, when it begins."""
    acts: int
    """On each job, and on the pool."""
    storm_seconds: float
    leased_quiet_seconds: float = 310.0
    """For so long nothing is written at the end where a lease has to be renewed, which is not free here. Mostly one pass of the safety net is among them."""


LARGE = Size(jobs=2, tasks=5, acts=2, storm_seconds=300.0)
SMALL = Size(jobs=1, tasks=2, acts=1, storm_seconds=90.0)
TINY = Size(jobs=1, tasks=1, acts=1, storm_seconds=45.0, leased_quiet_seconds=60.0)

SHARES: dict[int, dict[Size, float]] = {
    0: {LARGE: 1.0},
    1_000: {LARGE: 0.2, SMALL: 0.8},
    10_000: {LARGE: 0.05, SMALL: 0.25, TINY: 0.7},
}
"""From which seed on how many lives are of which size. `make test` plays those below 1,000."""


def drawn(tape: Tape) -> Size:
    number = tape.number("size")
    shares = SHARES[max(first for first in SHARES if first <= tape.seed)]
    for size, share in shares.items():
        number -= share
        if number < 0:
            return size
    return size
