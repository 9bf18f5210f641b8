"""Which cluster numbers are taken on this machine, and by which state directory.

A claim outlives the state directory, so that `down` finds a cluster whose directory was deleted under it.
"""

import os
from pathlib import Path

from tests.cluster.layout import HIGHEST_NUMBER

CLAIMS = Path("/run/batchyard-clusters")


def find(state: Path) -> int | None:
    """The number of the cluster that lives in a state directory."""
    for claim in CLAIMS.glob("*"):
        if claim.read_text() == str(state):
            return int(claim.name)
    return None


def take(state: Path, wanted: int | None = None) -> int:
    """Claim a number: the wanted one or the first free one."""
    CLAIMS.mkdir(exist_ok=True)
    for number in range(HIGHEST_NUMBER + 1) if wanted is None else [wanted]:
        if _claim(number, state):
            return number
    raise SystemExit(f"cluster number {'' if wanted is None else wanted} is taken, see {CLAIMS}")


def release(number: int) -> None:
    (CLAIMS / str(number)).unlink(missing_ok=True)


def none_taken() -> bool:
    """Whether there is no cluster on this machine."""
    return not any(CLAIMS.glob("*"))


def _claim(number: int, state: Path) -> bool:
    """The claim appears with its content or not at all, and only where there is none."""
    draft = CLAIMS / f".{os.getpid()}"
    draft.write_text(str(state))
    try:
        (CLAIMS / str(number)).hardlink_to(draft)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True
