"""The API server of the simulation: one call at a time, at once and whole.

Never unavailable, late or wrong: faults are made by the network in front of it. It has no clock and no chance of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from batchyard.kube.request import APPLY_PATCH, MERGE_PATCH
from tests.simulation.api import reading, refusal
from tests.simulation.api.applying import Owners
from tests.simulation.api.call import Body, Request, Response
from tests.simulation.api.collecting import Collector, Undertaker
from tests.simulation.api.deleting import Deleter
from tests.simulation.api.patching import JSON_PATCH, BadPatch, merged, patched
from tests.simulation.api.reading import Reader
from tests.simulation.api.refusal import Refused
from tests.simulation.api.served import BY_KIND, Target, target
from tests.simulation.api.state import State
from tests.simulation.api.watching import Watch
from tests.simulation.api.writing import Writer

DONE: Body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}


class ApiServer:
    """Begins without any objects: not even a Namespace is there before somebody creates it."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._state = State(now)
        self._reader = Reader(self._state)
        self._writer = Writer(self._state)
        self._deleter = Deleter(self._state)
        self._owners = Owners()
        self._collector = Collector(self._state, self._writer, self._deleter)
        self._undertaker = Undertaker(self._state, self._deleter)

    @property
    def version(self) -> int:
        """The latest resource version."""
        return self._state.history.version

    def handle(self, request: Request) -> Response:
        """One call, done or refused as a whole."""
        try:
            return self._answer(request, target(request.path))
        except Refused as refused:
            return refused.response

    def watch(self, path: str, query: Mapping[str, str]) -> Watch:
        """Events from the version that the query names. Without one, or with 0, what is there comes first, as ADDED.

        Raises Refused for what is not served; a version that is forgotten is told by an ERROR event.
        """
        place = target(path)
        matches = reading.matcher(place, query)
        return Watch.starting(self._state.history, place.resource, matches, int(query.get("resourceVersion") or 0))

    def restore(self, item: Body) -> None:
        """Takes in an object that was elsewhere before, with its uid and its status: completed with defaults, not judged."""
        resource, meta = BY_KIND[item["apiVersion"], item["kind"]], item["metadata"]
        whole = {**resource.born(item), **({"status": item["status"]} if "status" in item else {})}
        self._state.put(resource, (meta.get("namespace", ""), meta["name"]), whole)

    def compact(self, up_to: int) -> None:
        """Forgets the versions before that one: watches and continued lists from there on have expired."""
        self._state.history.compact(up_to)

    def stirred(self) -> set[str]:
        """The kinds of which something has changed since this was asked last."""
        history = self._state.history
        stirred, history.stirred = history.stirred, set()
        return stirred

    def collect_garbage(self) -> bool:
        """One write of the garbage collector. False if it has nothing to do."""
        return self._collector.step()

    def end_namespaces(self) -> bool:
        """One deletion in a namespace that is going, or of it. False if there is nothing to do (any more, or yet)."""
        return self._undertaker.step()

    def _answer(self, request: Request, target: Target) -> Response:
        match request.method:
            case "GET" if target.name:
                return Response(200, self._state.find(target))
            case "GET":
                page = self._reader.page(target, request.query)
                return Response(200, reading.listing(target.resource, page, request.query))
            case "POST" if target.subresource == "binding":
                self._writer.bind(target, _decoded(request))
                return Response(201, {**DONE, "code": 201})
            case "POST" if not target.name:
                return Response(201, self._owned(target, request, None, self._writer.create(target, _decoded(request))))
            case "PATCH" if request.content_type == APPLY_PATCH and target.name:
                item, new = self._applied(target, _decoded(request), _manager(request))
                return Response(201 if new else 200, item)
            case "PUT" | "PATCH" if target.name:
                old = self._state.history.get(target.resource.qualified, (target.namespace, target.name))
                item, new = self._written(target, request)
                return Response(201 if new else 200, self._owned(target, request, old, item))
            case "DELETE" if target.subresource == "":
                return Response(200, self._deleted(target, request))
        why = "the server does not allow this method on the requested resource"
        raise Refused(405, "MethodNotAllowed", why, {})

    def _written(self, target: Target, request: Request) -> tuple[Body, bool]:
        """And whether the object is new."""
        content = _decoded(request)
        if request.method == "PUT":
            return self._writer.replace(target, content)
        return self._patched(target, request.content_type, content), False

    def _applied(self, target: Target, content: Any, manager: str) -> tuple[Body, bool]:
        """Server-side apply, forced: nobody else's wish stands against it."""
        if not target.resource.is_applied:
            raise NotImplementedError(f"nobody applies a {target.resource.kind.kind} here")
        config = self._writer.config(target, content)
        old = self._state.history.get(target.resource.qualified, (target.namespace, target.name))
        wanted = self._owners.applied(old, config, manager)
        item = self._writer.create(target, wanted) if old is None else self._writer.change(target, old, wanted)
        self._owners.settle(old, wanted, config, manager, item["metadata"]["uid"])
        return item, old is None

    def _owned(self, target: Target, request: Request, old: Body | None, item: Body) -> Body:
        if target.resource.is_applied and item is not old:
            self._owners.written(old, item, _manager(request))
        return item

    def _patched(self, target: Target, content_type: str, content: Any) -> Body:
        old = self._state.find(target)
        try:
            if content_type == MERGE_PATCH:
                return self._writer.change(target, old, merged(old, content), refusal.unreadable_patch())
            if content_type == JSON_PATCH:
                return self._writer.change(target, old, patched(old, content), refusal.unreadable_patch())
        except BadPatch as bad:
            why = f"the server rejected our request due to an error in our request: {bad}"
            raise Refused(422, "Invalid", why, {}) from None
        why = f"the body of the request was in an unknown format: {content_type}"
        raise Refused(415, "UnsupportedMediaType", why)

    def _deleted(self, target: Target, request: Request) -> Body:
        options = _decoded(request) if request.body else {}
        return self._delete(target, options) if target.name else self._delete_collection(target, request.query, options)

    def _delete(self, target: Target, options: Body) -> Body:
        item, gone = self._deleter.delete(target, options)
        if not gone or target.resource.answers_with_the_deleted:
            return item
        kind = target.resource.kind
        details = {"name": target.name, "group": kind.group, "kind": kind.plural, "uid": item["metadata"]["uid"]}
        details = {key: value for key, value in details.items() if value}
        return {**DONE, "details": details}

    def _delete_collection(self, target: Target, query: Mapping[str, str], options: Body) -> Body:
        """Each by itself: what one of them says does not hinder the others."""
        page = self._reader.page(target, query)
        for item in page.items:
            meta = item["metadata"]
            self._deleter.delete(Target(target.resource, meta.get("namespace", ""), meta["name"]), options)
        return reading.listing(target.resource, page, query)


def _manager(request: Request) -> str:
    return request.query.get("fieldManager") or "unknown"


def _decoded(request: Request) -> Any:
    try:
        return request.decoded()
    except ValueError as bad:
        raise refusal.bad_request(f"the object provided is unrecognized: {bad}") from None
