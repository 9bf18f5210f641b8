"""What the API server knows of DaemonSets; the Pods are made by their controller."""

from __future__ import annotations

from typing_extensions import override

from batchyard.kube import kinds
from tests.simulation.api.call import Body
from tests.simulation.api.resource import Resource

STATUS = {"currentNumberScheduled": 0, "numberMisscheduled": 0, "desiredNumberScheduled": 0, "numberReady": 0}


class DaemonSets(Resource):
    has_status = True
    counts_generations = True

    def __init__(self) -> None:
        super().__init__(kinds.DAEMON_SET)

    @override
    def born(self, item: Body) -> Body:
        return {**item, "status": STATUS}

    @override
    def changed(self, new: Body, old: Body) -> Body:
        return {**new, "status": old["status"]}
