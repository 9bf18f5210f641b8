"""A cluster in memory for the command line: objects, field selectors, logs and files as they are put in. No server, no time."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from batchyard.cli.access.cluster import Account
from batchyard.cli.access.http_cluster import LOCAL_REVIEW
from batchyard.cli.node_files import AGENT
from batchyard.cli.outcome import Exit, NotThere, Problem
from batchyard.cli.show.objects import at
from batchyard.kube.kinds import Kind, Scope

Object = dict[str, Any]


class Memory:
    def __init__(self, *objects: Object) -> None:
        self.objects = {key(each): each for each in objects}
        self.writes: list[tuple[str, str, str, Object]] = []
        """Verb, kind, name and body."""
        self.later: list[list[tuple[str, Object]]] = []
        """What the next watches see, and what then is there."""
        self.interrupts = False
        """Ctrl-C once there is nothing more to see."""
        self.logs: dict[str, bytes] = {}
        self.files: dict[str, bytes] = {}
        self.executed: list[tuple[str, str, list[str]]] = []
        self.pages: dict[str, Object] = {}
        """What the server says of itself, by path."""
        self.denied: set[str] = set()
        """Rights that the caller has not, and kinds that they may not read, by plural."""
        self.refuses: Problem | None = None
        """What every call answers."""

    def read(self, path: str) -> Object:
        self._admit()
        if path not in self.pages:
            raise NotThere("the server could not find the requested resource")
        return self.pages[path]

    def may(self, namespace: str, verb: str, group: str, resource: str, subresource: str = "") -> bool:  # noqa: ARG002
        self._admit()
        return f"{verb} {resource}{'/' if subresource else ''}{subresource}" not in self.denied

    def may_account(self, namespace: str, account: Account, verb: str, group: str, resource: str) -> bool:  # noqa: ARG002
        self._admit(LOCAL_REVIEW)
        return f"{account.namespace}:{account.name} {verb} {resource}" not in self.denied

    def get(self, kind: Kind, namespace: str, name: str) -> Object:
        self._admit(kind)
        if (found := self.objects.get((kind.kind, namespace, name))) is None:
            raise NotThere(f'{kind.plural}.{kind.group} "{name}" not found')
        return copy.deepcopy(found)

    def list(self, scope: Scope) -> list[Object]:
        self._admit(scope.kind)
        mine = [
            each for (kind, namespace, _), each in self.objects.items()
            if kind == scope.kind.kind and scope.namespace in (None, namespace)
        ]  # fmt: skip
        return [each for each in mine if selected(each, scope.field_selector) and labelled(each, scope.label_selector)]

    def create(self, kind: Kind, namespace: str, body: Object) -> Object:
        self._admit()
        meta = body["metadata"]
        name = meta.get("name") or meta["generateName"] + "x7k2p"
        made = {**body, "metadata": {**meta, "name": name, "namespace": namespace, "resourceVersion": "1"}}
        self.writes.append(("create", kind.kind, name, body))
        self.objects[kind.kind, namespace, name] = made
        return made

    def patch(self, kind: Kind, namespace: str, name: str, body: Object) -> Object:
        merged: Object = _merged(self.get(kind, namespace, name), body)
        self.writes.append(("patch", kind.kind, name, body))
        self.objects[kind.kind, namespace, name] = merged
        return merged

    def delete(self, kind: Kind, namespace: str, name: str) -> None:
        self.get(kind, namespace, name)
        self.writes.append(("delete", kind.kind, name, {}))

    def changes(self, scope: Scope, version: str, *, seconds: int) -> Iterator[tuple[str, Object]]:  # noqa: ARG002
        if not self.later and self.interrupts:
            raise KeyboardInterrupt
        for what, each in self.later.pop(0) if self.later else ():
            if what == "DELETED":
                self.objects.pop(key(each), None)
            elif what != "ERROR":
                self.objects[key(each)] = each
            yield what, each

    def log(  # a container is known by its Pod here
        self,
        namespace: str,  # noqa: ARG002
        pod: str,
        container: str,  # noqa: ARG002
        *,
        follow: bool,  # noqa: ARG002
        tail: int | None,
        previous: bool = False,
    ) -> Iterable[bytes]:
        pod = f"{pod}.previous" if previous else pod
        if pod not in self.logs:
            raise NotThere(f'pods "{pod}" not found')
        return self.logs[pod].splitlines(keepends=True)[-tail if tail else 0 :]

    def execute(self, namespace: str, pod: str, container: str, argv: Iterable[str]) -> Iterator[bytes]:
        """Knows the two scripts of node_files by their ends."""
        assert container == AGENT
        if "create pods/exec" in self.denied:
            raise Problem(f'pods "{pod}" is forbidden: you cannot create pods/exec', Exit.FORBIDDEN)
        words = [*argv]
        self.executed.append((namespace, pod, words))
        path = words[5]
        if path not in self.files:
            raise Problem(f"{path}: no such file or directory")
        return iter([self.files[path]])

    def _admit(self, kind: Kind | None = None) -> None:
        if self.refuses is not None:
            raise self.refuses
        if kind is not None and kind.plural in self.denied:
            raise Problem(f"{kind.plural} is forbidden: you cannot read it", Exit.FORBIDDEN)


def key(each: Object) -> tuple[str, str, str]:
    return each["kind"], each["metadata"].get("namespace", ""), each["metadata"]["name"]


def selected(each: Object, selector: str) -> bool:
    """Only such selectors as the kinds allow; what is not there counts as empty."""
    pairs = (term.partition("=") for term in selector.split(",") if term)
    return all(str(at(each, path)) == value for path, _, value in pairs)


def labelled(each: Object, selector: str) -> bool:
    return {*filter(None, selector.split(","))} <= {f"{k}={v}" for k, v in at(each, "metadata.labels", {}).items()}


def _merged(before: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    base = before if isinstance(before, dict) else {}
    merged = {**base, **{name: _merged(base.get(name), value) for name, value in patch.items()}}
    return {name: value for name, value in merged.items() if value is not None}
