"""Which Nodes of the cluster serve a pool, and how each of them is doing (Azure sections 1.2 and 6.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from batchyard.api import names
from batchyard.api.node import Node
from batchyard.api.pool import Pool
from batchyard.api.states import NodeState
from batchyard.core.actions import Action, Create, Delete, Emit, Ref, patch_finalizers, patch_status
from batchyard.core.differences import merge_patch
from batchyard.core.facts import NodeFacts, PodFacts
from batchyard.core.outcomes import FAILURE_EXIT_CODE, failure
from batchyard.core.pods.pool import SETUP, START_TASK
from batchyard.core.snapshot import Snapshot
from batchyard.core.times import stamp
from batchyard.core.verdicts import image_trouble, init_result


def ref(member: Node) -> Ref:
    meta = member.metadata
    return Ref("BatchNode", meta.namespace, meta.name, meta.uid, meta.resource_version)


def matching(pool: Pool, nodes: Mapping[str, NodeFacts]) -> list[NodeFacts]:
    """Nodes that the pool's selector chooses and that can take work now, by name."""
    selector = pool.spec.node_selector.items()
    usable = (n for n in nodes.values() if n.ready and n.schedulable and not n.deleting)
    return sorted((n for n in usable if selector <= n.labels.items()), key=lambda n: n.name)


def lost(member: Node, nodes: Mapping[str, NodeFacts]) -> bool:
    """The machine behind the BatchNode is not in the cluster any more."""
    node = nodes.get(member.spec.node_id)
    return node is None or node.uid != member.spec.node_uid


def present(s: Snapshot) -> dict[str, Node]:
    """The pool's nodes that are there to stay."""
    return {name: m for name, m in s.members.items() if not m.metadata.deleting and not lost(m, s.nodes)}


def plan_members(s: Snapshot, pool: Pool, used: Mapping[str, int]) -> Iterator[Action]:
    """Fills up to the target, lets idle surplus nodes go, closes those whose machine has gone."""
    members = present(s)
    for name, member in s.members.items():
        if name not in members and (member.metadata.deleting or lost(member, s.nodes)):
            yield from _close(member, lost=lost(member, s.nodes))
    missing = pool.spec.target_dedicated_nodes - len(members)
    fresh = [node for node in matching(pool, s.nodes) if node.name not in s.members]
    for node in fresh[: max(missing, 0)]:
        yield Create("BatchNode", _manifest(pool, node), pool.uid)
    idle = sorted((name for name in members if not used.get(name)), reverse=True)
    for name in idle[: max(-missing, 0)]:
        yield Delete(ref(members[name]))


def _close(member: Node, *, lost: bool) -> Iterator[Action]:
    """A machine that is gone needs no cleaning; one that only leaves the pool is wiped first (pool_ending)."""
    if not lost:
        return
    if names.FINALIZER in member.metadata.finalizers:
        yield patch_finalizers(ref(member), [f for f in member.metadata.finalizers if f != names.FINALIZER])
    elif not member.metadata.deleting:
        yield Delete(ref(member))


def _manifest(pool: Pool, node: NodeFacts) -> dict[str, Any]:
    return {
        "apiVersion": names.API_VERSION,
        "kind": "BatchNode",
        "metadata": {
            "name": names.batch_node(pool.name, node.name),
            "namespace": pool.namespace,
            "labels": {names.LABEL_MANAGED_BY: names.MANAGED_BY, names.LABEL_POOL: pool.name},
            "finalizers": [names.FINALIZER],
            "ownerReferences": [
                {
                    "apiVersion": names.API_VERSION,
                    "kind": "BatchPool",
                    "name": pool.name,
                    "uid": pool.uid,
                    "controller": True,
                }
            ],
        },
        "spec": {"poolId": pool.name, "nodeId": node.name, "nodeUID": node.uid},
    }


def serves(member: Node, node: NodeFacts | None, pod: PodFacts | None, pool: Pool) -> bool:
    """Whether tasks may go there: set up, its start task done if that is waited for, the Node ready and not cordoned."""
    if member.metadata.deleting or node is None or not (node.ready and node.schedulable):
        return False
    return pod is not None and pod.deleting_since is None and _set_up(pod, pool)


def _set_up(pod: PodFacts, pool: Pool) -> bool:
    start = pool.spec.start_task
    if start is not None and not start.wait_for_success:
        setup = pod.container(SETUP).terminated
        return setup is not None and setup.exit_code == 0
    return pod.ready


def state(member: Node, node: NodeFacts | None, pod: PodFacts | None, pool: Pool, *, running: int) -> NodeState:
    """Azure's word for the node (6.2)."""
    if member.metadata.deleting:
        return NodeState.LEAVING_POOL
    if node is None or not node.ready:
        return NodeState.UNKNOWN
    if not node.schedulable:
        return NodeState.RUNNING if running else NodeState.OFFLINE
    if serves(member, node, pod, pool):
        return NodeState.RUNNING if running else NodeState.IDLE
    return _starting(pod)


def _starting(pod: PodFacts | None) -> NodeState:
    if pod is None:
        return NodeState.CREATING
    result = init_result(pod.container(START_TASK))
    if result is not None and not result.succeeded:
        return NodeState.START_TASK_FAILED
    setup = pod.container(SETUP).terminated
    return NodeState.WAITING_FOR_START_TASK if setup is not None and setup.exit_code == 0 else NodeState.STARTING


def plan_status(s: Snapshot, pool: Pool, running: Mapping[str, tuple[int, int]]) -> Iterator[Action]:
    """Writes what changed of each node; `running` gives tasks and slots in use by node."""
    for name, member in present(s).items():
        tasks, slots = running.get(name, (0, 0))
        yield from _status(s, pool, member, tasks, slots)


def _status(s: Snapshot, pool: Pool, member: Node, tasks: int, slots: int) -> Iterator[Action]:
    node, pod = s.nodes.get(member.spec.node_id), s.pods.get(member.spec.node_id)
    before = member.status.to_wire()
    word = state(member, node, pod, pool, running=tasks)
    flipped = word is not member.status.state
    desired = {
        **before,
        "observedGeneration": member.metadata.generation,
        "state": word.value,
        "stateTransitionTime": stamp(s.now) if flipped else before.get("stateTransitionTime"),
        "schedulingState": member.spec.scheduling_state.value,
        "allocationTime": before.get("allocationTime") or stamp(s.now),
        "runningTasksCount": tasks,
        "runningTaskSlotsCount": slots,
        "bootID": node.boot_id if node else "",
    }
    if (info := _start_task_info(pod)) is not None:
        desired["startTaskInfo"] = info
    if not (patch := merge_patch(before, desired)):
        return
    yield patch_status(ref(member), patch, lazy=_busy(word) and _busy(member.status.state))
    if flipped and word is NodeState.START_TASK_FAILED:
        yield Emit(
            ref(member),
            "Warning",
            "StartTaskFailed",
            f"on node {member.spec.node_id}; correct the pool's startTask, then delete the node's Pod of the pool",
        )


def _busy(word: NodeState | None) -> bool:
    """Between idle and running a node goes to and fro with every task: that may be written a little later."""
    return word in (NodeState.IDLE, NodeState.RUNNING)


def _start_task_info(pod: PodFacts | None) -> dict[str, Any] | None:
    if pod is None:
        return None
    container = pod.container(START_TASK)
    if (result := init_result(container)) is not None:
        info = {
            "state": "completed",
            "startTime": result.start_time,
            "endTime": result.end_time,
            "exitCode": result.exit_code,
            "result": "success" if result.succeeded else "failure",
            "retryCount": result.retry_count,
            "lastRetryTime": result.last_retry_time,
            "failureInfo": None if result.succeeded else failure(result.code or FAILURE_EXIT_CODE),
        }
        return {key: value for key, value in info.items() if value is not None}
    if container.running_since is not None:
        return {"state": "running", "startTime": stamp(container.running_since), "retryCount": 0}
    return None


def start_trouble(s: Snapshot) -> list[str]:
    """Images that the nodes of the pool cannot get, one sentence for each node."""
    found = ((name, image_trouble(pod, container)) for name, pod in s.pods.items() for container in (SETUP, START_TASK))
    return [f"node {name}: {trouble}" for name, trouble in found if trouble]
