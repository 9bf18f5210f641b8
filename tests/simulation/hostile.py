"""What nobody asked for: objects that a schema lets through, objects that it should not have, Pods of nobody, and all of these altered."""

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any

from batchyard.api import names
from batchyard.kube import kinds
from tests.simulation.api.call import Body
from tests.simulation.api.custom import CustomResource, custom_resources
from tests.simulation.conformance import manifests
from tests.simulation.conformance.values import WRONG, Values

STRANGER = "bad"
"""All of their names begin so."""
NAMES = (STRANGER, f"{STRANGER}-1", f"{STRANGER}-2")
WORDS = (*NAMES, "node1", "PT15M", "work 1", "busybox", "workitems/bad", "1-4,7", "500m")
"""Few, so that the objects speak of each other, and none that the healthy job goes by but its pool and its nodes."""
OPERATORS_OWN = (kinds.BATCH_NODE.kind, kinds.BATCH_JOB_NODE.kind)
STATES: tuple[Body, ...] = (
    {},
    {"waiting": {"reason": "ImagePullBackOff"}},
    {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
    {"running": {}},
    {"terminated": {"exitCode": 0, "message": '{"exitCode":0}'}},
    {"terminated": {"exitCode": 1, "message": "{"}},
    {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-01-01T00:00:00Z"}},
)


def of_ours(chance: Random, namespace: str) -> Body:
    """An object of one of our kinds as its schema lets it through, with a status that somebody has written."""
    resource = chance.choice(custom_resources())
    words = WORDS if resource.kind.kind in OPERATORS_OWN else (*WORDS, "sample")
    meta = {"name": chance.choice(NAMES), "namespace": namespace}
    body = {"apiVersion": resource.kind.api_version, "kind": resource.kind.kind, "metadata": meta}
    body["spec"] = _bounded(Values(chance, 0, words=words).draw(resource.schema["properties"]["spec"]))
    return body | ({"status": status(chance, resource)} if chance.random() < 0.5 else {})


def status(chance: Random, resource: CustomResource) -> Any:
    return Values(chance, 0, 0.5, WORDS).draw(resource.schema["properties"]["status"])


def _bounded(spec: Any) -> Any:
    """What may rightly take slots or be tried for ever does not: it would be no stranger's doing."""
    if isinstance(spec, list):
        return [_bounded(each) for each in spec]
    if not isinstance(spec, dict):
        return spec
    most = {"maxTaskRetryCount": 1, "requiredSlots": 1}
    return {key: most.get(key, _bounded(value)) for key, value in spec.items()}


def pod_of_nobody(chance: Random, namespace: str) -> Body:
    """Ours by its labels, as far as it has them, on a node that nobody has."""
    component = [names.COMPONENT_TASK, names.COMPONENT_PREPARATION, names.COMPONENT_RELEASE, names.COMPONENT_POOL_NODE]
    labels = {
        names.LABEL_MANAGED_BY: names.MANAGED_BY,
        names.LABEL_COMPONENT: chance.choice([*component, "other"]),
        names.LABEL_POOL: chance.choice([*NAMES, "sample"]),
        names.LABEL_JOB: chance.choice(NAMES),
    }
    there = {key: value for key, value in labels.items() if key == names.LABEL_MANAGED_BY or chance.random() < 0.8}
    body = manifests.content(chance, kinds.POD, namespace, 0)
    body["spec"]["nodeName"] = chance.choice(["nowhere", "cordoned"])
    body["metadata"] = {"name": chance.choice(NAMES), "namespace": namespace, "labels": there}
    return {"apiVersion": "v1", "kind": "Pod", **body, "status": pod_status(chance)}


def pod_status(chance: Random) -> Body:
    container = {
        "name": chance.choice(["task", "other"]),
        "state": chance.choice(STATES),
        "lastState": chance.choice(STATES),
    }
    return {**manifests.status(chance, kinds.POD), "containerStatuses": [container] * chance.randint(0, 1)}


def spoiled(chance: Random, item: Body) -> Body:
    """A copy in which anything but what makes it an object at all can be something else; manifests share parts."""
    item = deepcopy(item)
    place: Any = item[chance.choice([key for key in item if key not in ("apiVersion", "kind", "metadata")])]
    while True:
        key = chance.choice([*(place if isinstance(place, dict) else range(len(place)))] or [None])
        inner = place[key] if key is not None else None
        if not isinstance(inner, dict | list) or not inner or chance.random() < 0.3:
            break
        place = inner
    if key is not None and chance.random() < 0.8:
        place[key] = chance.choice(WRONG)
    return item
