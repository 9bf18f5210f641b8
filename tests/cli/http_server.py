"""An HTTP server in a thread: answers as it is told, and remembers what it was asked."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from batchyard.cli.access.http_cluster import HttpCluster
from batchyard.cli.access.login import Login


@dataclass
class Server:
    """Answers each call with the next of its answers and remembers it."""

    answers: list[tuple[int, bytes]] = field(default_factory=list)
    calls: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    address: str = ""

    def cluster(self, **login: Any) -> HttpCluster:
        return HttpCluster(Login(self.address, "default", headers={"Authorization": "Bearer me"}, **login))


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            server.calls.append(
                (self.command, url.path, dict(parse_qsl(url.query)), json.loads(body) if body else None)
            )
            server.headers.append(dict(self.headers))
            status, content = server.answers.pop(0)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{server.address}/elsewhere")
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 - http.server calls them so

        def log_message(self, *_: object) -> None: ...  # type: ignore[explicit-override]

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.address = f"{'https' if tls else 'http'}://127.0.0.1:{http.server_port}"
        if tls:
            http.socket = tls.wrap_socket(http.socket, server_side=True)
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        http.shutdown()
