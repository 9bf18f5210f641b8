"""Short calls on an ApiServer for tests: each returns the answer's body, or raises what the operator's client would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from batchyard.kube import request
from batchyard.kube.errors import from_response
from batchyard.kube.kinds import Kind, Scope
from tests.simulation.api.call import Body, Request, Response
from tests.simulation.api.server import ApiServer

NAMESPACE = "default"


@dataclass
class Clock:
    seconds: float = 1_800_000_000

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Caller:
    """The same requests that the operator's client would send."""

    clock: Clock = field(default_factory=Clock)
    server: ApiServer = field(init=False)

    def __post_init__(self) -> None:
        self.server = ApiServer(self.clock)

    def do(self, call: request.Request) -> Body:
        answer = self.answer(call)
        if answer.code >= 300:
            raise from_response(answer.code, answer.body)
        return answer.body

    def answer(self, call: request.Request) -> Response:
        return self.server.handle(Request(call.method, call.path, call.params, call.body, call.content_type))

    def create(
        self, kind: Kind, name: str, namespace: str = NAMESPACE, *, meta: Body | None = None, **body: Any
    ) -> Body:
        head = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": name, **(meta or {})}}
        return self.do(request.create(kind, namespace, {**head, **body}))

    def get(self, kind: Kind, name: str, namespace: str = NAMESPACE) -> Body:
        return self.do(request.get(kind, namespace, name))

    def patch(self, kind: Kind, name: str, body: Body, subresource: str = "", namespace: str = NAMESPACE) -> Body:
        path = kind.object(namespace, name, subresource)
        return self.do(request.patch(kind, path, body, request.MERGE_PATCH))

    def delete(self, kind: Kind, name: str, namespace: str = NAMESPACE, **options: Any) -> Body:
        return self.do(request.delete(kind, kind.object(namespace, name), options))

    def pages(self, scope: Scope, limit: int) -> Iterator[Body]:
        token = ""
        while True:
            page = self.do(request.page(scope, limit, token))
            yield page
            token = page["metadata"].get("continue", "")
            if not token:
                return
