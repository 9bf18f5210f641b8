"""One call to the API server as a value: what will be sent, before anybody sends it. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from batchyard.api.names import FIELD_MANAGER
from batchyard.kube.kinds import Kind, Scope

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"  # JSON is YAML

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """Method, path and body, and the words under which the call is counted."""

    verb: str
    kind: Kind
    method: str
    path: str
    params: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = JSON

    @property
    def writes(self) -> bool:
        return self.method != "GET"


def get(kind: Kind, namespace: str | None, name: str) -> Request:
    return Request("get", kind, "GET", kind.object(namespace, name))


def page(scope: Scope, limit: int, token: str) -> Request:
    params = _params(limit=limit, **{"continue": token})
    return Request("list", scope.kind, "GET", scope.kind.collection(scope.namespace), _selectors(scope) | params)


def watch(scope: Scope, resource_version: str, seconds: int) -> Request:
    params = _params(watch="true", allowWatchBookmarks="true", resourceVersion=resource_version, timeoutSeconds=seconds)
    return Request("watch", scope.kind, "GET", scope.kind.collection(scope.namespace), _selectors(scope) | params)


def create(kind: Kind, namespace: str | None, body: Body) -> Request:
    params = _params(fieldManager=FIELD_MANAGER)
    return Request("create", kind, "POST", kind.collection(namespace), params, orjson.dumps(body))


def patch(kind: Kind, path: str, content: Body, content_type: str) -> Request:
    params = _params(fieldManager=FIELD_MANAGER)
    return Request("patch", kind, "PATCH", path, params, orjson.dumps(content), content_type)


def apply(kind: Kind, path: str, body: Body, *, force: bool) -> Request:
    content = {"apiVersion": kind.api_version, "kind": kind.kind, **body}
    params = _params(fieldManager=FIELD_MANAGER, force="true" if force else "")
    return Request("apply", kind, "PATCH", path, params, orjson.dumps(content), APPLY_PATCH)


def delete(kind: Kind, path: str, options: Body) -> Request:
    return Request("delete", kind, "DELETE", path, body=orjson.dumps(options))


def delete_options(
    *, uid: str | None, resource_version: str | None, grace_seconds: int | None, propagation: str
) -> Body:
    preconditions = _present(uid=uid, resourceVersion=resource_version)
    return _present(
        propagationPolicy=propagation, gracePeriodSeconds=grace_seconds, preconditions=preconditions or None
    )


def delete_collection(kind: Kind, namespace: str, label_selector: str, limit: int) -> Request:
    if not label_selector:
        raise ValueError("a deletecollection without a selector would empty the namespace")
    options = _present(propagationPolicy="Background")
    params = _params(labelSelector=label_selector, limit=limit)
    return Request("deletecollection", kind, "DELETE", kind.collection(namespace), params, orjson.dumps(options))


def _selectors(scope: Scope) -> dict[str, str]:
    return _params(labelSelector=scope.label_selector, fieldSelector=scope.field_selector)


def _params(**params: str | int) -> dict[str, str]:
    return {name: str(value) for name, value in params.items() if value != ""}


def _present(**values: Any) -> Body:
    return {name: value for name, value in values.items() if value is not None}
