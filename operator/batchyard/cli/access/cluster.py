"""What commands ask of a cluster: generic calls on any kind. Who answers is elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Protocol

from batchyard.kube.kinds import Kind, Scope

Object = dict[str, Any]


class Account(NamedTuple):
    """A service account."""

    namespace: str
    name: str


class Cluster(Protocol):
    """Refusals and failures leave as Problems, with the exit code that they mean."""

    def read(self, path: str) -> Object:
        """What the API server says of itself: its version, what it serves."""

    def may(self, namespace: str, verb: str, group: str, resource: str, subresource: str = "") -> bool:
        """Whether the caller is permitted to; everybody may ask that."""

    def may_account(self, namespace: str, account: Account, verb: str, group: str, resource: str) -> bool:
        """Whether a service account is permitted to; the namespace's administrators may ask that."""

    def get(self, kind: Kind, namespace: str, name: str) -> Object: ...

    def list(self, scope: Scope) -> list[Object]: ...

    def create(self, kind: Kind, namespace: str, body: Object) -> Object: ...

    def patch(self, kind: Kind, namespace: str, name: str, body: Object) -> Object:
        """A merge patch; a `metadata.resourceVersion` inside the body is a precondition."""

    def delete(self, kind: Kind, namespace: str, name: str) -> None: ...

    def changes(self, scope: Scope, version: str, *, seconds: int) -> Iterator[tuple[str, Object]]:
        """ADDED, MODIFIED, DELETED or ERROR with the object; ends after so many seconds, or earlier.

        From that version on; without one it begins with all that is there.
        """

    def log(
        self, namespace: str, pod: str, container: str, *, follow: bool, tail: int | None, previous: bool = False
    ) -> Iterable[bytes]:
        """What the kubelet keeps of a container's output, or of the one that ran before it was restarted."""

    def execute(self, namespace: str, pod: str, container: str, argv: Iterable[str]) -> Iterator[bytes]:
        """Standard output of a command in a running container; a Problem with its standard error when it fails."""
