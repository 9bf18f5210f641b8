"""Tasks on a machine that nobody has heard of for long: when their runs are given up, so that others may start (S7).

Only at the user's word: `lostAfter` on the pool, or the taint by which somebody vouches that the machine is off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from batchyard.api.duration import seconds
from batchyard.core.facts import NodeFacts, PodFacts
from batchyard.core.snapshot import JobView, Snapshot

NODE_LOST = "NodeLost"


def given_up_at(s: Snapshot, node: NodeFacts | None) -> float | None:
    """The moment (epoch seconds) from which on its tasks count as ended; None while they are waited for."""
    if node is None or node.ready:
        return None
    if node.fenced:
        return 0
    after = s.pool.spec.lost_after if s.pool is not None else None
    return node.silent_since + seconds(after) if after and node.silent_since is not None else None


def without_lost(s: Snapshot) -> Snapshot:
    """The snapshot in which such runs have ended. A machine that comes back brings them back to life."""
    lost = {name for name, node in s.nodes.items() if (at := given_up_at(s, node)) is not None and s.now >= at}
    return replace(s, jobs=tuple(_of_job(view, lost) for view in s.jobs)) if lost else s


def _of_job(view: JobView, lost: set[str]) -> JobView:
    if not any(pod.node in lost for pod in view.task_pods):
        return view
    return replace(view, task_pods=tuple(_ended(pod) if pod.node in lost else pod for pod in view.task_pods))


def _ended(pod: PodFacts) -> PodFacts:
    return pod if pod.ended else replace(pod, phase="Failed", reason=NODE_LOST, disrupted=True)


def moments(s: Snapshot) -> Iterator[float]:
    """When each silent node is given up."""
    yield from (at for node in s.nodes.values() if (at := given_up_at(s, node)) is not None)
