"""What was read a moment ago, so that pages which ask every two seconds cost the API server little. Knows how to read, not how to write."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from batchyard.cli.access.cluster import Cluster, Object
from batchyard.cli.outcome import NotLoggedIn
from batchyard.kube.kinds import Kind, Scope

LEAST_SECONDS = 1.5
SHARE = 10
"""What took a second to read is read every ten seconds: one page keeps the API server busy for a tenth of the time at most."""
MOST = 64
"""Answers that are kept; pages that nobody looks at any more leave theirs behind."""


@dataclass(slots=True)
class _Answer:
    lock: threading.Lock = field(default_factory=threading.Lock)
    content: Any = None
    good_until: float = 0.0


class Recent:
    def __init__(self, connect: Callable[[], Cluster], clock: Callable[[], float] = time.monotonic) -> None:
        self._connect, self._clock = connect, clock
        self._cluster = connect()
        self._answers: dict[object, _Answer] = {}
        self._lock = threading.Lock()

    def get(self, kind: Kind, namespace: str, name: str) -> Object:
        return cast(Object, self._read((kind, namespace, name), lambda cluster: cluster.get(kind, namespace, name)))

    def list(self, scope: Scope) -> list[Object]:
        return cast("list[Object]", self._read(scope, lambda cluster: cluster.list(scope)))

    def _read(self, key: object, read: Callable[[Cluster], Any]) -> Any:
        answer = self._answer(key)
        with answer.lock:  # who asks for the same meanwhile gets the same
            begin = self._clock()
            if begin >= answer.good_until:
                answer.content = self._asked(read)
                end = self._clock()
                answer.good_until = end + max(LEAST_SECONDS, SHARE * (end - begin))
            return answer.content

    def _asked(self, read: Callable[[Cluster], Any]) -> Any:
        """Credentials expire while a page is open; they are fetched anew once."""
        try:
            return read(self._cluster)
        except NotLoggedIn:
            self._cluster = self._connect()
            return read(self._cluster)

    def _answer(self, key: object) -> _Answer:
        with self._lock:
            found = self._answers.pop(key, None) or _Answer()
            self._answers[key] = found  # the latest asked for stands last
            if len(self._answers) > MOST:
                del self._answers[next(iter(self._answers))]
            return found

    def as_cluster(self) -> Cluster:
        """For what explains objects to the other commands: it reads, and a call that writes finds no method here."""
        return cast(Cluster, self)
