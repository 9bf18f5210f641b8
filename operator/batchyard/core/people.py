"""What needs a person: reasons that do not pass by waiting. Says which, in an Event and as a word to count; decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from batchyard.api import reasons
from batchyard.api.job import Job
from batchyard.api.meta import Status
from batchyard.api.pool import Pool
from batchyard.api.reasons import NEEDS_HUMAN
from batchyard.core.actions import Emit, ref
from batchyard.core.conditions import Observed


def needed_for(status: Status) -> str:
    return reasons.needed_for((each.type, each.status, each.reason) for each in status.conditions)


def call(of: Job | Pool, observed: Iterable[Observed]) -> Iterator[Emit]:
    """An Event when a pool or a job begins to need a person, or does so for another reason."""
    for each in observed:
        if each.type in ("Admitted", "Ready") and not each.status and each.reason in NEEDS_HUMAN:
            before = of.status.condition(each.type)
            if before is None or before.reason != each.reason:
                yield Emit(ref(of), "Warning", each.reason, each.message)
