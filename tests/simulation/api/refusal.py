"""The ways in which the API server says no, as Kubernetes' Status objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.simulation.api.call import Body, Response

if TYPE_CHECKING:
    from tests.simulation.api.resource import Resource


@dataclass(frozen=True, slots=True)
class Cause:
    """One complaint about one field, under Kubernetes' names of complaints: FieldValueRequired and so on."""

    reason: str
    message: str
    field: str

    @property
    def body(self) -> Body:
        return {"reason": self.reason, "message": self.message, "field": self.field}


class Refused(Exception):  # noqa: N818  reads as what happened
    """Ends the call; nothing has been changed."""

    def __init__(self, code: int, reason: str, message: str, details: Body | None = None, resume: str = "") -> None:
        super().__init__(message)
        self.resume = resume
        self.code = code
        self.reason = reason
        self.details = details

    @property
    def body(self) -> Body:
        meta = {"continue": self.resume} if self.resume else {}
        head = {"kind": "Status", "apiVersion": "v1", "metadata": meta, "status": "Failure", "message": str(self)}
        details = {} if self.details is None else {"details": self.details}
        return {**head, "reason": self.reason, **details, "code": self.code}

    @property
    def response(self) -> Response:
        return Response(self.code, self.body)


def not_served() -> Refused:
    return Refused(404, "NotFound", "the server could not find the requested resource", {})


def not_found(resource: Resource, name: str) -> Refused:
    return Refused(404, "NotFound", f'{resource.qualified} "{name}" not found', _details(resource, name))


def already_exists(resource: Resource, name: str) -> Refused:
    return Refused(409, "AlreadyExists", f'{resource.qualified} "{name}" already exists', _details(resource, name))


def conflict(resource: Resource, name: str, why: str) -> Refused:
    message = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why}'
    return Refused(409, "Conflict", message, _details(resource, name))


def unmet(resource: Resource, name: str, why: str) -> Refused:
    """A precondition of a deletion: here the API server names the kind, not the resource."""
    refused = conflict(resource, name, why)
    refused.details = {**_details(resource, name), "kind": resource.kind.kind}
    return refused


def unbound(resource: Resource, name: str, why: str) -> Refused:
    refused = conflict(resource, name, why)
    refused.details = {**_details(resource, name), "kind": f"{resource.kind.plural}/binding"}
    return refused


def outdated(resource: Resource, name: str) -> Refused:
    why = "the object has been modified; please apply your changes to the latest version and try again"
    return conflict(resource, name, why)


def another(resource: Resource, name: str, wanted: str, found: str) -> Refused:
    return conflict(resource, name, f"Precondition failed: UID in precondition: {wanted}, UID in object meta: {found}")


def namespace_ending(resource: Resource, name: str, namespace: str) -> Refused:
    why = f"unable to create new content in namespace {namespace} because it is being terminated"
    cause = Cause("NamespaceTerminating", f"namespace {namespace} is being terminated", "metadata.namespace")
    details = {**_details(resource, name or "Unknown"), "causes": [cause.body]}
    return Refused(403, "Forbidden", f'{resource.qualified} "{name}" is forbidden: {why}', details)


def forbidden(resource: Resource, name: str, why: str) -> Refused:
    message = f'{resource.qualified} "{name}" is forbidden: {why}'
    return Refused(403, "Forbidden", message, _details(resource, name))


def invalid(resource: Resource, name: str, causes: Sequence[Cause]) -> Refused:
    told = [f"{cause.field}: {cause.message}" for cause in causes]
    what = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
    details: dict[str, Any] = {"name": name, "group": resource.kind.group, "kind": resource.kind.kind}
    details = {key: value for key, value in details.items() if value}
    details["causes"] = [cause.body for cause in causes]
    qualified = resource.kind.kind + (f".{resource.kind.group}" if resource.kind.group else "")
    return Refused(422, "Invalid", f'{qualified} "{name}" is invalid: {what}', details)


def invalid_by_plural(resource: Resource, name: str, cause: Cause) -> Refused:
    """The one complaint under which the API server names the resource, not the kind."""
    refused = invalid(resource, name, [cause])
    refused.details = {**_details(resource, name), "causes": [cause.body]}
    return refused


def unreadable_patch() -> Refused:
    cause = Cause("FieldValueInvalid", "Invalid value: the patched object cannot be read", "patch")
    return Refused(422, "Invalid", f' "" is invalid: patch: {cause.message}', {"causes": [cause.body]})


def bad_request(message: str) -> Refused:
    return Refused(400, "BadRequest", message)


def expired(message: str, resume: str = "") -> Refused:
    """`resume` continues the list with what there is now."""
    return Refused(410, "Expired", message, resume=resume)


def _details(resource: Resource, name: str) -> Body:
    details = {"name": name, "group": resource.kind.group, "kind": resource.kind.plural}
    return {key: value for key, value in details.items() if value}
