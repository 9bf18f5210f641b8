"""What one operator has found when it asked the API server itself for the Pods of a job (S19). Each look is good for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from batchyard.api import names
from batchyard.kube import kinds
from batchyard.kube.request import Request
from batchyard.kube.wire import Answer
from tests.simulation.api import selecting
from tests.simulation.cluster import statuses
from tests.simulation.cluster.placing import named_nodes

GOOD_SECONDS = 30.0
"""What follows a look may have to wait for its turn to write."""
Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Look:
    at: float
    selector: str
    pods: Sequence[Raw]

    def covers(self, job: str, components: Iterable[str]) -> bool:
        asked = selecting.labels(self.selector)
        own = ({names.LABEL_JOB_UID: job, names.LABEL_COMPONENT: component} for component in components)
        return all(asked({"metadata": {"labels": labels}}) for labels in own)

    def busy(self, node: str) -> bool:
        return any(_may_run(pod) and node in _nodes(pod) for pod in self.pods)


class Looks:
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._latest: dict[tuple[str, str], Look] = {}
        self._pages: dict[tuple[str, str], list[Raw]] = {}

    def answered(self, call: Request, answer: Answer) -> None:
        """A list is a look once its last page has been heard."""
        if call.verb != "list" or call.kind is not kinds.POD or answer.status >= 300:
            return
        body, key = orjson.loads(answer.body), (call.path, call.params.get("labelSelector", ""))
        before = self._pages.pop(key, []) if call.params.get("continue") else []
        pods = [*before, *(body.get("items") or ())]
        if (body.get("metadata") or {}).get("continue"):
            self._pages[key] = pods
        else:
            self._latest[key] = Look(self._now(), key[1], pods)

    def clear(self, namespace: str, job: str, node: str, components: Iterable[str]) -> bool:
        """Whether the last look found nothing of the job's components on the node."""
        wanted, everywhere = [*components], kinds.POD.collection()
        fitting = (
            look
            for (path, _), look in self._latest.items()
            if path in (everywhere, kinds.POD.collection(namespace)) and look.covers(job, wanted)
        )
        last = max(fitting, key=lambda look: look.at, default=None)
        return last is not None and self._now() - last.at <= GOOD_SECONDS and not last.busy(node)


def _may_run(pod: Raw) -> bool:
    """A preparation is begun again whenever it has ended."""
    preparing = pod["metadata"]["labels"][names.LABEL_COMPONENT] == names.COMPONENT_PREPARATION
    return preparing or not statuses.ended(dict(pod))


def _nodes(pod: Raw) -> set[str]:
    bound = pod["spec"].get("nodeName")
    return {bound} if bound else named_nodes(pod["spec"])
