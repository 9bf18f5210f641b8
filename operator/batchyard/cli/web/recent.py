"""The cluster as the page asks it: what was read a moment ago is not read again. Knows how to read and when, not how to write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar, cast

from batchyard.cli.access.cluster import Cluster, Object
from batchyard.cli.outcome import NotLoggedIn
from batchyard.cli.web.kept import Kept
from batchyard.kube.kinds import Kind, Scope

LEAST_SECONDS = 1.5
T = TypeVar("T")


class Recent:
    def __init__(
        self,
        cluster: Cluster,
        connect: Callable[[], Cluster],
        kept: Kept | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._cluster, self._connect = cluster, connect
        self._kept, self.now = kept or Kept(LEAST_SECONDS), now

    def read(self, key: object, read: Callable[[Cluster], T]) -> tuple[datetime, T]:
        """With the moment at which reading it began."""
        return self._kept.get(key, lambda: (self.now(), self._asked(read)))

    def _asked(self, read: Callable[[Cluster], T]) -> T:
        """Credentials expire while a page is open; they are fetched anew once."""
        try:
            return read(self._cluster)
        except NotLoggedIn:
            self._cluster = self._connect()
            return read(self._cluster)


class Look:
    """What is read for one answer."""

    def __init__(self, recent: Recent) -> None:
        self._recent, self.oldest = recent, recent.now()

    def get(self, kind: Kind, namespace: str, name: str) -> Object:
        return self._read((kind, namespace, name), lambda cluster: cluster.get(kind, namespace, name))

    def list(self, scope: Scope) -> list[Object]:
        return self._read(scope, lambda cluster: cluster.list(scope))

    def _read(self, key: object, read: Callable[[Cluster], T]) -> T:
        moment, found = self._recent.read(key, read)
        self.oldest = min(self.oldest, moment)
        return found

    def as_cluster(self) -> Cluster:
        """For what explains objects to the other commands: it reads, and a call that writes finds no method here."""
        return cast(Cluster, self)
