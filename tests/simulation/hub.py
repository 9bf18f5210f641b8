"""Where calls reach the API server and from where news spreads. The cluster's own parts live here, in front of any network: no faults."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from batchyard.kube.kinds import Kind
from batchyard.kube.request import MERGE_PATCH
from tests.simulation.api.call import Body, Request, Response
from tests.simulation.api.server import ApiServer
from tests.simulation.api.watching import Watch
from tests.simulation.bell import Bell

Heard = Callable[[str, Body], None]
"""Hears ADDED, MODIFIED or DELETED, and the object."""
Key = tuple[str, str]
ANY = ""


class Hub:
    """`known` is every object of the followed kinds as it is now, by kind, namespace and name."""

    def __init__(self, api: ApiServer) -> None:
        self.api = api
        self.known: defaultdict[str, dict[Key, Body]] = defaultdict(dict)
        self._watches: dict[str, tuple[str, Watch]] = {}
        self._listeners: defaultdict[str, list[Heard]] = defaultdict(list)
        self._bells: defaultdict[str, list[Bell]] = defaultdict(list)
        self._spreading = False

    def call(self, request: Request) -> Response:
        """The one way to the API server, for everybody."""
        before = self.api.version
        response = self.api.handle(request)
        if self.api.version != before:
            self.changed()
        return response

    def changed(self) -> None:
        if not self._spreading:
            self._spreading = True
            asyncio.get_running_loop().call_soon(self._spread)

    def compact(self) -> None:
        """Watchers on the network may find their place forgotten; the cluster's own parts are never that late."""
        self._spread()
        self.api.compact(self.api.version)

    def follow(self, kind: Kind, heard: Heard) -> None:
        watch = self.api.watch(kind.collection(), {})
        self._watches.setdefault(watch.about, (kind.kind, watch))
        self._listeners[kind.kind].append(heard)

    def attend(self, bell: Bell, about: str = ANY) -> None:
        """It rings after every change of that kind."""
        self._bells[about].append(bell)

    def leave(self, bell: Bell, about: str = ANY) -> None:
        self._bells[about].remove(bell)

    def _spread(self) -> None:
        self._spreading = False
        stirred = self.api.stirred()
        for about, (kind, watch) in self._watches.items():
            if about in stirred:
                for event in watch.events():
                    self._tell(kind, event["type"], event["object"])
        for about in (*sorted(stirred), ANY):
            for bell in self._bells[about]:
                bell.ring()

    def _tell(self, kind: str, what: str, item: Body) -> None:
        meta = item["metadata"]
        key = meta.get("namespace", ""), meta["name"]
        if what == "DELETED":
            self.known[kind].pop(key, None)
        else:
            self.known[kind][key] = item
        for heard in self._listeners[kind]:
            heard(what, item)

    # Calls of the cluster's own parts. None where the API server refuses: they look again when there is news.

    def get(self, kind: Kind, namespace: str | None, name: str) -> Body | None:
        return self._body(Request("GET", kind.object(namespace, name)))

    def create(self, kind: Kind, namespace: str | None, body: Body, subresource: str = "") -> Body | None:
        path = (
            kind.object(namespace, body["metadata"]["name"], subresource) if subresource else kind.collection(namespace)
        )
        return self._body(Request("POST", path, body=body))

    def patch(
        self, kind: Kind, namespace: str | None, name: str, body: Mapping[str, Any], subresource: str = ""
    ) -> Body | None:
        path = kind.object(namespace, name, subresource)
        return self._body(Request("PATCH", path, body=dict(body), content_type=MERGE_PATCH))

    def delete(
        self, kind: Kind, namespace: str | None, name: str, uid: str = "", grace: int | None = None
    ) -> Body | None:
        options: Body = {"preconditions": {"uid": uid}} if uid else {}
        if grace is not None:
            options["gracePeriodSeconds"] = grace
        return self._body(Request("DELETE", kind.object(namespace, name), body=options))

    def _body(self, request: Request) -> Body | None:
        response = self.call(request)
        assert response.code < 300 or response.code in (403, 404, 409), (request, response.body)
        return response.body if response.code < 300 else None
