"""How a job leaves the pool that it had before (Azure 3.7.23): preparation gone, release where it is owed, wipe; node by node.

Planned in the passes of that pool, as everything is that happens in it. The records stay, to be read, with the job.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from batchyard.core.actions import Action
from batchyard.core.jobs import ending
from batchyard.core.jobs.records import Record
from batchyard.core.snapshot import JobView, Snapshot


def plan_departure(s: Snapshot, view: JobView, records: Mapping[str, Record]) -> Iterator[Action]:
    """`view` shows of the job only what is in this pool; its tasks have ended before its pool could be changed."""
    if view.daemon_set is not None and view.daemon_set.pool == s.name:
        yield from ending.plan_unprepare(view)
        return  # as long as it is there it may prepare a node once more (S2)
    clear = {name: record for name, record in records.items() if name not in view.preparation_pods}
    yield from ending.plan_releases(view, s.pool, clear, now=s.now)
    yield from ending.plan_hopeless_releases(view, clear, now=s.now, rules=s.rules)
    for name, record in clear.items():
        owes = record.owes_release and not s.namespace_ending
        if not (owes or record.settled or name in view.release_pods):
            yield from ending.plan_wipe(record, view.wipe_pods.get(name), now=s.now, rules=s.rules)
    yield from ending.plan_tidy_wipe_pods(view, records)
