"""Steps about a few objects, so that most calls meet something: right ones and wrong ones, in no order."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from batchyard.kube import kinds
from batchyard.kube.kinds import Kind
from batchyard.kube.request import APPLY_PATCH, MERGE_PATCH
from tests.simulation.api.call import Body
from tests.simulation.api.patching import JSON_PATCH
from tests.simulation.conformance import manifests
from tests.simulation.conformance.contents import LABEL_SELECTORS, OURS, content_of, object_of, selectors
from tests.simulation.conformance.steps import CURRENT, FIRST, UID, Step
from tests.simulation.conformance.values import Values

NAMES = ("a", "b", "c")


class Inventor:
    def __init__(self, chance: Random, namespace: str, subjects: list[Kind]) -> None:
        self._chance = chance
        self._namespace = namespace
        self._subjects = subjects

    def any(self) -> Step:
        """Writes more often than reads, changes more often than ends."""
        choices: list[tuple[Callable[[], Step], int]] = [
            (self.create, 3),
            (self.patch, 5),
            (self.patch_status, 4),
            (self.json_patch, 2),
            (self.replace, 2),
            (self.delete, 4),
            (self.delete_many, 1),
            (self.get, 1),
            (self.list_some, 2),
            (self.apply, 3),
            (self.bind, 2),
        ]
        steps, weights = zip(*choices, strict=True)
        step: Step = self._chance.choices(steps, weights)[0]()
        return step

    def create(self, name: str = "") -> Step:
        kind, name = self._kind(), name or self._name()
        content = content_of(self._chance, kind, self._namespace, self._seldom(0.02))
        if kind in OURS and self._often(0.2):
            content["status"] = self._status(kind, 0)
        body = object_of(kind, name, content, self._labels(), self._extras(kind, new=True))
        for key in ("apiVersion", "kind", "metadata", "spec"):
            if self._often(0.01) and key in body:
                body[key] = self._chance.choice([None, "Other", "apps/v1", 3])
        return Step("POST", kind.collection(self._namespace), {}, body)

    def patch(self) -> Step:
        kind, path = self._object()
        body: Body = {"metadata": {**self._extras(kind, new=False), **self._preconditions(path)}}
        if self._often(0.5):
            body["metadata"]["labels"] = self._chance.choice(
                [{"a": "1"}, {"a": "2"}, {"b": "2"}, {"c": "x"}, {"a": None}, None]
            )
        if self._often(0.4):
            body |= self._changed_spec(kind)
        if self._often(0.1):
            body["status"] = self._status(kind, 0)
        return Step("PATCH", path, {}, body, MERGE_PATCH)

    def patch_status(self) -> Step:
        kind, path = self._object()
        if kind in (kinds.LEASE, kinds.EVENT):
            return self.patch()
        body: Body = {"status": self._status(kind, self._seldom(0.03)), "metadata": self._preconditions(path)}
        if self._often(0.1) and kind in OURS:
            body["metadata"]["labels"] = {"through": "status"}
        if self._often(0.1):
            body |= self._changed_spec(kind)
        return Step("PATCH", f"{path}/status", {}, body, MERGE_PATCH)

    def json_patch(self) -> Step:
        _, path = self._object()
        hold = self._chance.choice(manifests.FINALIZERS)
        operations = self._chance.choice(
            [
                [
                    {"op": "test", "path": "/metadata/finalizers/0", "value": hold},
                    {"op": "remove", "path": "/metadata/finalizers/0"},
                ],
                [{"op": "add", "path": "/metadata/finalizers", "value": [hold]}],
                [{"op": "add", "path": "/metadata/labels", "value": {"a": "1"}}],
                [{"op": "replace", "path": "/metadata/labels/a", "value": "2"}],
                [{"op": "remove", "path": "/metadata/labels"}],
                [{"op": "test", "path": "/metadata/name", "value": path.rsplit("/", 1)[1]}],
                [{"op": "test", "path": "/metadata/resourceVersion", "value": CURRENT + path}],
            ]
        )
        return Step("PATCH", path, {}, operations, JSON_PATCH)

    def replace(self) -> Step:
        kind, path = self._object()
        body: Body = {"metadata": {**self._extras(kind, new=False), **self._preconditions(path)}}
        if self._often(0.5):
            body |= self._changed_spec(kind)
        if self._often(0.2):
            body["metadata"]["resourceVersion"] = None
        if not self._often(0.5) and kind is not kinds.LEASE:
            body["status"] = None
        body |= {"apiVersion": kind.api_version, "kind": kind.kind}
        body["metadata"]["name"] = path.rsplit("/", 1)[1]
        return Step("PUT", path, {}, body, on_top_of=path)

    def delete(self) -> Step:
        _, path = self._object()
        options: Body = {}
        if self._often(0.3):
            options["gracePeriodSeconds"] = self._chance.choice([0, 0, 5, 60])
        if self._often(0.3):
            options["preconditions"] = {"uid": self._chance.choice([UID + path, UID + path, "another"])}
        if self._often(0.15):
            version = self._chance.choice([CURRENT, FIRST]) + path
            options["preconditions"] = {**options.get("preconditions", {}), "resourceVersion": version}
        if self._often(0.5):
            options["propagationPolicy"] = self._chance.choice(["Background"] * 6 + ["Foreground", "Orphan", "Other"])
        return Step("DELETE", path, {}, options)

    def delete_many(self) -> Step:
        query = {"labelSelector": self._chance.choice(LABEL_SELECTORS[1:])}
        if self._often(0.3):
            query["limit"] = "1"
        options = self._chance.choice([{}, {"propagationPolicy": "Background"}, {"gracePeriodSeconds": 0}])
        return Step("DELETE", self._kind().collection(self._namespace), query, options)

    def get(self) -> Step:
        return Step("GET", self._object()[1])

    def list_some(self) -> Step:
        kind = self._kind()
        query = selectors(self._chance, kind)
        if self._often(0.6):
            between = tuple(self.any_write() for _ in range(self._chance.randint(0, 2)))
            return Step("GET", kind.collection(self._namespace), {**query, "limit": "1"}, pages=True, between=between)
        if self._often(0.05):
            query["fieldSelector"] = "spec.nonsense=1"
        if self._often(0.05):
            query["continue"] = "nonsense"
        return Step("GET", kind.collection(self._namespace), query)

    def any_write(self) -> Step:
        return self._chance.choice([self.create, self.patch, self.delete])()

    def apply(self) -> Step:
        """Of the one kind that the operator applies."""
        name = self._name()
        path = kinds.DAEMON_SET.object(self._namespace, name)
        content = manifests.content(self._chance, kinds.DAEMON_SET, self._namespace, 0)
        body = object_of(kinds.DAEMON_SET, name, content, self._labels(), self._holds(kinds.DAEMON_SET, new=True))
        manager = self._chance.choice(["batchyard", "batchyard", "batchyard", "other"])
        return Step("PATCH", path, {"fieldManager": manager, "force": "true"}, body, APPLY_PATCH)

    def bind(self) -> Step:
        path = kinds.POD.object(self._namespace, self._name())
        body = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": path.rsplit("/", 1)[1]}}
        return Step("POST", f"{path}/binding", {}, {**body, "target": {"kind": "Node", "name": "node1"}})

    def about_a_node(self) -> list[Step]:
        """In any order: it may be there or not."""
        path = kinds.NODE.object(None, f"{self._namespace}-node")
        body = object_of(kinds.NODE, path.rsplit("/", 1)[1], manifests.node(self._chance), None, {})
        options = self._chance.choice([{}, {"preconditions": {"uid": UID + path}}, {"preconditions": {"uid": "other"}}])
        return [
            Step("POST", kinds.NODE.collection(), {}, body),
            Step("PATCH", f"{path}/status", {}, {"status": manifests.node_status(self._chance)}, MERGE_PATCH),
            Step("PATCH", path, {}, {"spec": {"unschedulable": self._often(0.5)}}, MERGE_PATCH),
            Step("PATCH", path, {}, {"metadata": {"labels": self._labels()}}, MERGE_PATCH),
            Step("PATCH", path, {}, {"spec": {"taints": manifests.taints(self._chance)}}, MERGE_PATCH),
            Step("GET", path),
            Step("DELETE", path, {}, options),
        ]

    def about_the_namespace(self) -> list[Step]:
        path = kinds.NAMESPACE.object(None, self._namespace)
        labelled = Step("PATCH", path, {}, {"metadata": {"labels": {"a": "1"}}}, MERGE_PATCH)
        end = Step("DELETE", path, {}, self._chance.choice([{}, {"preconditions": {"uid": UID + path}}]))
        return [labelled, end, *(self.any() for _ in range(3)), end, Step("GET", path)]

    def _changed_spec(self, kind: Kind) -> Body:
        content = content_of(self._chance, kind, self._namespace, self._seldom(0.03))
        if kind in OURS and isinstance(content["spec"], dict) and self._often(0.7):
            few = self._chance.sample(sorted(content["spec"]), min(2, len(content["spec"])))
            return {"spec": {name: content["spec"][name] for name in few}}
        return content

    def _status(self, kind: Kind, wrong: float) -> Any:
        if kind in OURS:
            return Values(self._chance, wrong, 0.3).draw(OURS[kind].schema["properties"]["status"])
        return manifests.status(self._chance, kind)

    def _holds(self, kind: Kind, *, new: bool) -> Body:
        extras: Body = {}
        if self._often(0.35):
            extras["finalizers"] = self._chance.choice(
                manifests.FINALIZER_LISTS if kind in OURS or not new else manifests.FINALIZER_LISTS[:4]
            )
        if self._often(0.1):
            extras["annotations"] = {"batchyard.io/note": self._chance.choice(["x", "y"])}
        if self._often(0.1):
            extras["ownerReferences"] = manifests.OWNERS
        return extras

    def _extras(self, kind: Kind, *, new: bool) -> Body:
        extras = self._holds(kind, new=new)
        if self._often(0.03):
            extras |= self._chance.choice(manifests.ODD_METADATA)
        return extras

    def _preconditions(self, path: str) -> Body:
        wanted: Body = {}
        if self._often(0.3):
            wanted["resourceVersion"] = self._chance.choice([CURRENT, CURRENT, FIRST]) + path
        if self._often(0.2):
            wanted["uid"] = self._chance.choice([UID + path, UID + path, UID + path, "another"])
        return wanted

    def _labels(self) -> dict[str, str] | None:
        return self._chance.choice([None, {"a": "1"}, {"a": "2", "b": "2"}, {"c": "x"}])

    def _object(self) -> tuple[Kind, str]:
        kind = self._kind()
        return kind, kind.object(self._namespace, self._name())

    def _kind(self) -> Kind:
        return self._chance.choice(self._subjects)

    def _name(self) -> str:
        return self._chance.choice(NAMES)

    def _often(self, share: float) -> bool:
        return self._chance.random() < share

    def _seldom(self, share: float) -> float:
        """The rate of wrong values in one body: most bodies are right."""
        return share if self._often(0.3) else 0
