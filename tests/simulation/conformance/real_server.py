"""Calls on a real API server, the same as on the simulation's."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import orjson

from tests.simulation.api.call import Body, Request, Response

TOKEN = "conformance"
ANSWER_SECONDS = 30.0


class RealServer:
    """Answers with what the simulation's answers with."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._tls = ssl.create_default_context()
        self._tls.check_hostname = False
        self._tls.verify_mode = ssl.CERT_NONE
        self._connection = self._connect()

    def handle(self, request: Request) -> Response:
        body = request.body if isinstance(request.body, bytes | None) else orjson.dumps(request.body)
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": request.content_type}
        self._connection.request(request.method, _url(request.path, request.query), body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        return Response(answer.status, _decoded(content))

    def events(self, path: str, query: dict[str, str]) -> Iterator[Body]:
        """Until the server ends the watch, or the caller has enough. One that is refused at once reads like one that fails."""
        connection = self._connect()
        try:
            connection.request(
                "GET", _url(path, {**query, "watch": "true"}), None, {"Authorization": f"Bearer {TOKEN}"}
            )
            answer = connection.getresponse()
            for line in answer:
                said = orjson.loads(line)
                yield said if answer.status == 200 else {"type": "ERROR", "object": said}
        finally:
            connection.close()

    def remembers(self, path: str) -> bool:
        """Whether what is there has been read for watches; until then they are put off (429). The first version is long gone."""
        return bool(next(self.events(path, {"resourceVersion": "1"}))["object"]["code"] != 429)

    def ready(self) -> bool:
        try:
            return self.handle(Request("GET", "/readyz")).code == 200
        except OSError:
            self._connection.close()
            return False

    def _connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS, context=self._tls)


def _url(path: str, query: Any) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _decoded(content: bytes) -> Body:
    try:
        body = orjson.loads(content)
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"text": content.decode(errors="replace")}
