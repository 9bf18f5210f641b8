"""Tasks on a machine that nobody has heard of for long: when their runs are given up, so that others may start (S7).

Only at the user's word: `lostAfter` on the pool, or the taint by which somebody vouches that the machine is off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from batchyard.api.duration import seconds
from batchyard.api.pool import Pool
from batchyard.core.facts import NodeFacts, PodFacts
from batchyard.core.snapshot import JobView, Snapshot
from batchyard.core.tasks.task_pods import TaskPods

NODE_LOST = "NodeLost"


def given_up_at(pool: Pool | None, node: NodeFacts) -> float | None:
    """The moment (epoch seconds) from which on its tasks count as ended; None while they are waited for."""
    if node.ready:
        return None
    if node.fenced:
        return 0
    after = pool.spec.lost_after if pool is not None else None
    return node.silent_since + seconds(after) if after and node.silent_since is not None else None


def without_lost(s: Snapshot) -> Snapshot:
    """The snapshot in which such runs have ended. A machine that comes back brings them back to life."""
    lost = {name for name, at in s.memory.ask(_silent, s.pool, s.nodes).items() if s.now >= at}
    return replace(s, jobs=tuple(_of_job(view, lost) for view in s.jobs)) if lost else s


def _silent(pool: Pool | None, nodes: Mapping[str, NodeFacts]) -> dict[str, float]:
    return {name: at for name, node in nodes.items() if (at := given_up_at(pool, node)) is not None}


def _of_job(view: JobView, lost: set[str]) -> JobView:
    if not view.task_pods.load.keys() & lost:
        return view
    return replace(view, task_pods=TaskPods(_ended(pod) if pod.node in lost else pod for pod in view.task_pods))


def _ended(pod: PodFacts) -> PodFacts:
    return pod if pod.ended else replace(pod, phase="Failed", reason=NODE_LOST, disrupted=True)


def moments(s: Snapshot) -> Iterator[float]:
    """When each silent node is given up."""
    yield from s.memory.ask(_silent, s.pool, s.nodes).values()
