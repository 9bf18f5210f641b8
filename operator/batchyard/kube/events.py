"""Kubernetes Events as bodies: for people, and may be lost. The same one again has the same name. No I/O."""

from __future__ import annotations

from batchyard.api import names
from batchyard.core.actions import Emit
from batchyard.core.times import stamp
from batchyard.kube.request import Body

SOURCE = f"{names.GROUP}/operator"


def body(event: Emit, now: float) -> Body:
    ref = event.about
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": f"{ref.name}.{names.digest(ref.uid, event.reason, event.message, length=16)}",
            "namespace": ref.namespace,
        },
        "involvedObject": {
            "apiVersion": names.API_VERSION,
            "kind": ref.kind,
            "namespace": ref.namespace,
            "name": ref.name,
            "uid": ref.uid,
            "resourceVersion": ref.resource_version,
        },
        "type": event.type,
        "reason": event.reason,
        "message": event.message[:1024],
        "firstTimestamp": stamp(now),
        "lastTimestamp": stamp(now),
        "count": 1,
        "source": {"component": SOURCE},
        "reportingComponent": SOURCE,
    }
