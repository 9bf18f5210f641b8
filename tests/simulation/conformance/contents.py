"""Objects and selectors of any kind, drawn by chance."""

from __future__ import annotations

from random import Random

from batchyard.kube import kinds
from batchyard.kube.kinds import Kind
from tests.simulation.api.call import Body
from tests.simulation.api.custom import custom_resources
from tests.simulation.conformance import manifests
from tests.simulation.conformance.values import Values

OURS = {resource.kind: resource for resource in custom_resources()}
LABELS = {"a": "1"}
"""Every selector below selects these."""
LABEL_SELECTORS = ("", "a=1", "a in (1,2)", "b notin (2)", "!c", "a==1,b!=2", "a")
FIELD_SELECTORS = ("", "metadata.name!=a", "metadata.namespace!=elsewhere")


def selectors(chance: Random, kind: Kind) -> dict[str, str]:
    texts = {"labelSelector": chance.choice(LABEL_SELECTORS), "fieldSelector": chance.choice(FIELD_SELECTORS)}
    if kind in OURS and "status.state" in OURS[kind].selectable and chance.random() < 0.3:
        texts["fieldSelector"] = "status.state!=completed"
    if kind is kinds.POD and chance.random() < 0.3:
        texts["fieldSelector"] = "status.phase!=Succeeded"
    return {key: text for key, text in texts.items() if text}


def object_of(kind: Kind, name: str, content: Body, labels: dict[str, str] | None, extras: Body) -> Body:
    metadata = {"name": name, **({"labels": labels} if labels else {}), **extras}
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata, **content}


def content_of(chance: Random, kind: Kind, namespace: str, wrong: float, optional: float = 0.15) -> Body:
    if kind in OURS:
        return {"spec": Values(chance, wrong, optional).draw(OURS[kind].schema["properties"]["spec"])}
    return manifests.content(chance, kind, namespace, wrong)
