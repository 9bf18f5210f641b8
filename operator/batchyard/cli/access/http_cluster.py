"""The cluster that answers over HTTP. Generic calls on any kind; decides nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from batchyard.api.names import FIELD_MANAGER
from batchyard.cli.access.cluster import Account, Object
from batchyard.cli.access.connection import Connection
from batchyard.cli.access.login import Login
from batchyard.kube.kinds import POD, Kind, Scope

PAGE = "500"
REVIEW = Kind("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", namespaced=False)
LOCAL_REVIEW = Kind("authorization.k8s.io", "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview")
MERGE_PATCH = "application/merge-patch+json"


class HttpCluster:
    def __init__(self, login: Login) -> None:
        self._login = login
        self._http = Connection(login)

    def read(self, path: str) -> Object:
        return dict(self._http.call("GET", path))

    def may(self, namespace: str, verb: str, group: str, resource: str, subresource: str = "") -> bool:
        wanted = {
            "namespace": namespace,
            "verb": verb,
            "group": group,
            "resource": resource,
            "subresource": subresource,
        }
        return self._reviewed(REVIEW, "", {"resourceAttributes": _given(wanted)})

    def may_account(self, namespace: str, account: Account, verb: str, group: str, resource: str) -> bool:
        wanted = {"namespace": namespace, "verb": verb, "group": group, "resource": resource}
        user = f"system:serviceaccount:{account.namespace}:{account.name}"
        groups = ["system:authenticated", "system:serviceaccounts", f"system:serviceaccounts:{account.namespace}"]
        spec = {"resourceAttributes": _given(wanted), "user": user, "groups": groups}
        return self._reviewed(LOCAL_REVIEW, namespace, spec)

    def _reviewed(self, kind: Kind, namespace: str, spec: Object) -> bool:
        review = {"apiVersion": kind.api_version, "kind": kind.kind, "spec": spec}
        if namespace:
            review["metadata"] = {"namespace": namespace}
        answer = self._http.call("POST", kind.collection(namespace), body=review)
        return bool(answer["status"]["allowed"])

    def get(self, kind: Kind, namespace: str, name: str) -> Object:
        return dict(self._http.call("GET", kind.object(namespace, name)))

    def list(self, scope: Scope) -> list[Object]:
        path, found, token = scope.kind.collection(scope.namespace), [], ""
        while True:
            page = self._http.call("GET", path, _selectors(scope) | {"limit": PAGE} | _given({"continue": token}))
            found += [{"apiVersion": scope.kind.api_version, "kind": scope.kind.kind, **each} for each in page["items"]]
            token = page["metadata"].get("continue", "")
            if not token:
                return found

    def create(self, kind: Kind, namespace: str, body: Object) -> Object:
        return dict(self._http.call("POST", kind.collection(namespace), {"fieldManager": FIELD_MANAGER}, body))

    def patch(self, kind: Kind, namespace: str, name: str, body: Object) -> Object:
        path = kind.object(namespace, name)
        return dict(self._http.call("PATCH", path, {"fieldManager": FIELD_MANAGER}, body, MERGE_PATCH))

    def delete(self, kind: Kind, namespace: str, name: str) -> None:
        self._http.call("DELETE", kind.object(namespace, name), body={"propagationPolicy": "Background"})

    def changes(self, scope: Scope, version: str, *, seconds: int) -> Iterator[tuple[str, Object]]:
        wanted = {"watch": "true", "timeoutSeconds": str(seconds)} | _given({"resourceVersion": version})
        path = scope.kind.collection(scope.namespace)
        with self._http.stream(path, _selectors(scope) | wanted, seconds=seconds + 10) as answer:
            for line in answer:
                event = json.loads(line)
                yield event["type"], event["object"]

    def log(
        self, namespace: str, pod: str, container: str, *, follow: bool, tail: int | None, previous: bool = False
    ) -> Iterator[bytes]:
        flags = {"follow": "true" if follow else "", "previous": "true" if previous else ""}
        params = {"container": container} | _given(flags)
        params |= {} if tail is None else {"tailLines": str(tail)}
        path = POD.object(namespace, pod, "log")
        with self._http.stream(path, params, seconds=None if follow else 60) as answer:
            while chunk := answer.read1(65536):
                yield chunk

    def execute(self, namespace: str, pod: str, container: str, argv: Iterable[str]) -> Iterator[bytes]:
        from batchyard.cli.access.execution import execute  # noqa: PLC0415 - its library is needed here only

        return execute(self._login, POD.object(namespace, pod, "exec"), container, argv)


def _selectors(scope: Scope) -> dict[str, str]:
    return _given({"labelSelector": scope.label_selector, "fieldSelector": scope.field_selector})


def _given(params: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in params.items() if value}
