"""BatchNode: one cluster Node serving one pool, Azure's compute node. Written by the operator but for a few requests."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from .execution import Code, StartTaskInformation
from .meta import Resource, Status, Timestamp
from .model import UID, Count, LabelName, Message, Model, ObjectName, immutable, rule, rules
from .states import NodeDeallocationOption, NodeDisableSchedulingOption, NodeState, SchedulingState


class NodeSpec(Model):
    model_config = ConfigDict(
        json_schema_extra=rules(
            immutable("poolId", "nodes belong to one pool"),
            immutable("nodeId", "this object is about one Node"),
            immutable("isDedicated", "delete this object, the Node then joins anew"),
            rule("self.reboots >= oldSelf.reboots", "reboots can only be raised, which asks once more", ".reboots"),
            rule("self.reimages >= oldSelf.reimages", "reimages can only be raised, which asks once more", ".reimages"),
        )
    )

    pool_id: LabelName
    """Name of the BatchPool it serves."""
    node_id: ObjectName
    """Name of the cluster Node."""
    node_uid: UID = Field(default="", alias="nodeUID")
    """UID of the cluster Node; another UID under the same name is another machine."""
    is_dedicated: bool = True
    """false for a low-priority node; decided when it joins."""
    scheduling_state: SchedulingState = SchedulingState.ENABLED
    """enabled (default), or disabled: the node gets no new tasks and is `offline` once none runs. It stays in the pool and counts."""
    node_disable_scheduling_option: NodeDisableSchedulingOption = NodeDisableSchedulingOption.REQUEUE
    """What happens to running tasks while schedulingState is disabled: requeue (default), terminate or taskcompletion."""
    reboots: Count = 0
    """Raise by one to run the start task again, as a reboot does, and preparations of jobs after it; the machine itself is left alone."""
    node_reboot_option: NodeDeallocationOption = NodeDeallocationOption.REQUEUE
    """What happens to running tasks then: requeue (default), terminate, or taskcompletion, which waits for them."""
    reimages: Count = 0
    """Raise by one to wipe the pool's directories on the node and begin anew there; no job is released first."""
    node_reimage_option: NodeDeallocationOption = NodeDeallocationOption.REQUEUE
    """What happens to running tasks then: requeue (default), terminate, or taskcompletion, which waits for them."""


class NodeError(Model):
    code: Code
    """What is wrong, in one CamelCase word."""
    message: Message = ""
    """What is wrong, in a sentence."""


class NodeStatus(Status):
    state: NodeState | None = None
    """Azure's word for the node; for display."""
    state_transition_time: Timestamp | None = None
    """When state last changed (UTC)."""
    scheduling_state: SchedulingState | None = None
    """Whether it takes new tasks."""
    is_dedicated: bool = True
    """false for a low-priority node."""
    ip_address: Annotated[str, Field(max_length=64)] = ""
    """Address of the Node in the cluster."""
    allocation_time: Timestamp | None = None
    """When it joined the pool (UTC)."""
    last_boot_time: Timestamp | None = None
    """When its present boot was first seen, or a reboot that was asked for was done (UTC)."""
    boot_id: UID = Field(default="", alias="bootID")
    """The present boot of the Node; after reboots that were asked for with their number behind it."""
    reboots: Count = 0
    """How many of spec.reboots are done."""
    reimages: Count = 0
    """How many of spec.reimages are done."""
    running_tasks_count: Count = 0
    """Tasks on it now; start, preparation and release tasks do not count."""
    running_task_slots_count: Count = 0
    """Slots taken by them."""
    start_task_info: StartTaskInformation | None = None
    """Latest run of the pool's start task here."""
    errors: Annotated[tuple[NodeError, ...], Field(max_length=16)] = ()
    """Why the node is unusable."""


class Node(Resource):
    """One cluster Node in one pool."""

    plural: ClassVar[str] = "batchnodes"
    short_name: ClassVar[str] = "bnode"

    kind: Literal["BatchNode"] = "BatchNode"
    spec: NodeSpec
    """Which Node in which pool, and what users ask of it."""
    status: NodeStatus = NodeStatus()
    """What the node does; written by the operator."""
