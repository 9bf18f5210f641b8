"""Gathers what a bug report needs, with the caller's own rights: texts by name, and what could not be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from batchyard.api.names import SELECTOR_OURS
from batchyard.cli.access.cluster import Object
from batchyard.cli.checkup import checks
from batchyard.cli.reading import Reading
from batchyard.cli.session import Session
from batchyard.cli.show import checkup, redaction
from batchyard.cli.show.checks_of_installation import selector
from batchyard.cli.show.events import when
from batchyard.cli.show.objects import at, name
from batchyard.cli.show.table import document, written
from batchyard.cli.versions import operators, versions
from batchyard.kube.kinds import EVENT, OURS, POD, Scope

CONTAINER = "operator"


@dataclass(frozen=True, slots=True)
class Wanted:
    everywhere: bool
    """All namespaces."""
    with_commands: bool
    lines: int
    """Of each operator's log."""


@dataclass(slots=True)
class Bundle:
    session: Session
    wanted: Wanted
    files: dict[str, str] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)

    def gather(self) -> None:
        cluster = self.session.cluster
        deployments = operators(cluster, self.reading)
        self.files["versions.yaml"] = written(versions(cluster, deployments, self.reading), "yaml")
        ours = [each for kind in OURS for each in self._objects(kind.plural, Scope(kind, self._place))]
        pods = self._objects("pods", Scope(POD, self._place, label_selector=SELECTOR_OURS))
        self._events({at(each, "metadata.uid") for each in (*ours, *pods)})
        for each in deployments:
            self._logs(each)
        found = checks(self.session)
        self.files["doctor.txt"] = checkup.text(found)
        self.files["doctor.json"] = written(checkup.wire(found), "json")
        self.files["manifest.json"] = written(self._manifest(), "json")

    @property
    def _place(self) -> str | None:
        return None if self.wanted.everywhere else self.session.namespace

    def _list(self, what: str, scope: Scope) -> list[Object]:
        return self.reading.of(what, lambda: self.session.cluster.list(scope), [])

    def _objects(self, what: str, scope: Scope) -> list[Object]:
        found = self._list(what, scope)
        folder = "pods" if scope.kind is POD else "objects"
        for namespace, each in _by_namespace(found).items():
            told = [self._told(one) for one in sorted(each, key=name)]
            self.files[f"{folder}/{namespace}/{what}.yaml"] = document(told, "yaml")
        return found

    def _told(self, each: Object) -> Object:
        if each["kind"] == "Pod":
            return redaction.pod(each)
        return redaction.object_(each, with_commands=self.wanted.with_commands)

    def _events(self, about: set[str]) -> None:
        found = [each for each in self._list("events", Scope(EVENT, self._place)) if at(each, "involvedObject.uid") in about]  # fmt: skip
        for namespace, each in _by_namespace(found).items():
            told = [
                redaction.object_(one, with_commands=True) for one in sorted(each, key=lambda e: (when(e), name(e)))
            ]
            self.files[f"events/{namespace}.yaml"] = document(told, "yaml")

    def _logs(self, deployment: Object) -> None:
        scope = Scope(POD, at(deployment, "metadata.namespace"), label_selector=selector(deployment))
        for pod in self._list("Pods of the operator", scope):
            for status in at(pod, "status.containerStatuses", []):
                if status["name"] == CONTAINER:
                    self._log(pod, "log", previous=False)
                    if status.get("restartCount"):
                        self._log(pod, "previous.log", previous=True)

    def _log(self, pod: Object, ending: str, *, previous: bool) -> None:
        namespace, log = at(pod, "metadata.namespace"), self.session.cluster.log

        def look() -> bytes:
            return b"".join(log(namespace, name(pod), CONTAINER, follow=False, tail=self.wanted.lines, previous=previous))  # fmt: skip

        file = f"operator/{namespace}/{name(pod)}.{ending}"
        if text := self.reading.of(file, look, b""):
            self.files[file] = text.decode(errors="replace").rstrip("\n")

    def _manifest(self) -> Object:
        return {
            "namespace": self._place or "all",
            "commands": "as they are" if self.wanted.with_commands else redaction.GONE,
            "made": f"{self.session.now():%Y-%m-%dT%H:%M:%SZ}",
            "files": sorted(self.files),
            "unread": self.reading.told,
        }


def _by_namespace(found: Iterable[Object]) -> dict[str, list[Object]]:
    sorted_: defaultdict[str, list[Object]] = defaultdict(list)
    for each in found:
        sorted_[at(each, "metadata.namespace")].append(each)
    return sorted_
