"""All of Kubernetes but its API server, behind one door: scheduler, DaemonSets, nodes, garbage."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from batchyard.kube import executor, kinds
from tests.simulation.api.call import Body
from tests.simulation.cluster.daemon_sets import DaemonSets
from tests.simulation.cluster.machine import Trace
from tests.simulation.cluster.nodes import Nodes
from tests.simulation.cluster.scheduler import Scheduler
from tests.simulation.hub import Hub
from tests.simulation.tape import Tape


@dataclass
class Cluster:
    hub: Hub
    tape: Tape
    trace: Trace
    nodes: Nodes = field(init=False)
    _due: bool = False

    def __post_init__(self) -> None:
        self.nodes = Nodes(self.hub, self.tape, self.trace)
        DaemonSets(self.hub, self.tape)
        Scheduler(self.hub, self.tape)
        for kind in (*executor.KINDS.values(), kinds.NAMESPACE):
            self.hub.follow(kind, self._garbage)

    def _garbage(self, what: str, item: Body) -> None:
        if not self._due and (what == "DELETED" or "deletionTimestamp" in item["metadata"] or what == "ADDED"):
            self._due = True
            asyncio.get_running_loop().call_later(self.tape.between("garbage.lag", 0.05, 0.5), self._collect)

    def _collect(self) -> None:
        """All there is to collect now; what follows from it is collected when it has happened."""
        self._due = False
        while self.hub.api.collect_garbage() or self.hub.api.end_namespaces():
            self.hub.changed()
