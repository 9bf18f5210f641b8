"""What a pool's status says: counts, Azure's words, and conditions with numbers and the next step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from batchyard.api.pool import Pool
from batchyard.api.states import AllocationState, PoolState
from batchyard.api.unsupported import unsupported
from batchyard.core import misfits
from batchyard.core.actions import Action, patch_status, ref
from batchyard.core.conditions import Observed, merge, told_unsupported
from batchyard.core.differences import merge_patch
from batchyard.core.fleet import IDLE, Fleet, Load
from batchyard.core.membership import matching
from batchyard.core.node_status import SETTLE_SECONDS
from batchyard.core.pods.pool import SETUP, START_TASK
from batchyard.core.snapshot import Snapshot
from batchyard.core.times import stamp
from batchyard.core.verdicts import image_trouble


def plan_status(s: Snapshot, pool: Pool, nodes: Fleet, load: Mapping[str, Load]) -> Iterator[Action]:
    words = Counter(node.state(load.get(name, IDLE).tasks).value for name, node in nodes.items())
    current = sum(node.present for node in nodes.values())
    target = pool.spec.target_dedicated_nodes
    serving = words["idle"] + words["running"]
    allocation = AllocationState.STEADY if current == target else AllocationState.RESIZING
    before = pool.status.to_wire()
    word = PoolState.DELETING if pool.metadata.deleting else PoolState.ACTIVE
    desired = {
        **before,
        "observedGeneration": pool.metadata.generation,
        "state": word.value,
        "stateTransitionTime": _since(before, "state", word.value, "stateTransitionTime", s.now),
        "allocationState": allocation.value,
        "allocationStateTransitionTime": _since(
            before, "allocationState", allocation.value, "allocationStateTransitionTime", s.now
        ),
        "currentDedicatedNodes": current,
        "nodeCounts": dict(sorted(words.items())),
        "conditions": merge(
            before.get("conditions", []),
            _conditions(s, pool, current, serving, words),
            now=s.now,
            generation=pool.metadata.generation,
        ),
    }
    if patch := merge_patch(before, desired):
        yield patch_status(ref(pool), patch, lazy=SETTLE_SECONDS if set(patch) <= {"nodeCounts"} else 0)


def _since(before: Mapping[str, str], key: str, value: str, since: str, now: float) -> str:
    return before[since] if before.get(key) == value and since in before else stamp(now)


def _conditions(s: Snapshot, pool: Pool, current: int, serving: int, words: Counter[str]) -> Iterator[Observed]:
    target = pool.spec.target_dedicated_nodes
    ready = serving >= target
    failed = words["starttaskfailed"]
    if ready:
        yield Observed("Ready", status=True, reason="TargetReached", message=f"{serving} of {target} nodes serve")
    else:
        reason, message = _why_not_ready(s, pool, current, serving)
        yield Observed("Ready", status=False, reason=reason, message=message)
    yield Observed("Reconciling", status=not ready and not failed, reason="TargetReached" if ready else "PoolResizing")
    yield Observed("Stalled", status=bool(failed), reason="StartTaskFailed" if failed else "Progressing")
    message = (
        f"on {failed} of {len(s.members)} nodes; see `kubectl get bnode`, correct startTask, delete the Pods of the pool there"
        if failed
        else ""
    )
    yield Observed(
        "StartTaskFailed", status=bool(failed), reason="StartTaskFailed" if failed else "NoFailure", message=message
    )
    yield from told_unsupported(unsupported(pool.spec), pool.status)


def _why_not_ready(s: Snapshot, pool: Pool, members: int, serving: int) -> tuple[str, str]:
    target = pool.spec.target_dedicated_nodes
    if misfit := misfits.of_pool(pool):
        return "Misconfigured", misfit
    if members < target:
        found = len(matching(pool, s.nodes))
        selector = ", ".join(f"{k}={v}" for k, v in sorted(pool.spec.node_selector.items())) or "none: every Node"
        return "NoMatchingNodes", (
            f"{members} of {target} nodes found: {found} of {len(s.nodes)} Nodes of the cluster are ready, not cordoned and match "
            f"nodeSelector ({selector}); label Nodes or lower targetDedicatedNodes"
        )
    if trouble := _start_trouble(s):
        return (
            "ImagePulling",
            f"{serving} of {target} nodes serve; {trouble[0]}; correct the image's name or imagePullSecrets",
        )
    return "NodesStarting", f"{serving} of {target} nodes serve; the others are starting, see `kubectl get bnode`"


def _start_trouble(s: Snapshot) -> list[str]:
    """Images that the nodes of the pool cannot get, one sentence for each node."""
    found = ((name, image_trouble(pod, container)) for name, pod in s.pods.items() for container in (SETUP, START_TASK))
    return [f"node {name}: {trouble}" for name, trouble in found if trouble]
