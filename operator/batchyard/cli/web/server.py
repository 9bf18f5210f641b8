"""Serves the page and its answers over HTTP, to this machine only. Who is let in is in guard.py."""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from batchyard.cli.outcome import Exit, Problem
from batchyard.cli.show.objects import Object
from batchyard.cli.web import guard
from batchyard.cli.web.answers import Answers
from batchyard.cli.web.kept import Kept

STATIC = Path(__file__).with_name("static")
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_STATUS = {Exit.NOT_FOUND: HTTPStatus.NOT_FOUND, Exit.FORBIDDEN: HTTPStatus.FORBIDDEN}


@dataclass(frozen=True, slots=True)
class Answer:
    status: HTTPStatus
    body: bytes = b""
    type: str = "text/plain"
    headers: Mapping[str, str] = field(default_factory=dict)
    """Those of its own; its tag does not change with them."""

    @property
    def tag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'


def files() -> Mapping[str, Answer]:
    """The page by the names under which it is asked for: no request makes a path of a file."""
    found = {each.name: Answer(HTTPStatus.OK, each.read_bytes(), TYPES[each.suffix]) for each in STATIC.iterdir()}
    return {**found, "": found["index.html"]}


def told(answers: Answers, question: str, query: Mapping[str, str]) -> Answer:
    content, oldest = answers.to(question, query)
    return _json(HTTPStatus.OK, content, {"As-Of": f"{oldest:%Y-%m-%dT%H:%M:%SZ}"})


def refused(problem: Problem) -> Answer:
    status = _STATUS.get(problem.exit_code, HTTPStatus.BAD_GATEWAY)
    return _json(status, {"error": problem.message, "hint": problem.hint}, {})


def _json(status: HTTPStatus, content: Object, headers: Mapping[str, str]) -> Answer:
    return Answer(status, json.dumps(content, separators=(",", ":")).encode(), "application/json", headers)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, secret: str, answers: Answers, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self._secret, self._answers, self._files = secret, answers, files()
        self._kept = Kept(0.0, clock)
        self._once, self._lock = "", threading.Lock()

    @property
    def address(self) -> str:
        return self._address(self._secret)

    def invitation(self) -> str:
        """An address that leads to the page once: all users of this machine can read what a browser is started with."""
        self._once = secrets.token_urlsafe(32)
        return self._address(self._once)

    def _address(self, word: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{word}/"

    def _invited(self, path: str) -> bool:
        with self._lock:
            invited = bool(self._once) and guard.has(path, self._once)
            self._once = "" if invited else self._once
            return invited

    def answer(self, method: str, host: str, path: str) -> Answer:
        if (status := guard.refusal(method, host, path, self._secret)) is not None:
            if status is HTTPStatus.NOT_FOUND and self._invited(path):
                return Answer(HTTPStatus.SEE_OTHER, headers={"Location": f"/{self._secret}/"})
            return Answer(status, status.phrase.encode())
        wanted = guard.behind(path)
        if wanted.startswith("api/"):
            return self._told(path, wanted.removeprefix("api/"))
        return self._files.get(wanted, Answer(HTTPStatus.NOT_FOUND, b"Not Found"))

    def _told(self, path: str, question: str) -> Answer:
        """A failure is not kept: who asks again learns at once that it has passed."""
        query = dict(parse_qsl(urlsplit(path).query))
        try:
            return self._kept.get(path, lambda: told(self._answers, question, query))
        except Problem as problem:
            return refused(problem)

    def handle_error(self, request: Any, client_address: Any) -> None:  # type: ignore[explicit-override]  # see app.py
        """Pages are closed at any time."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: Server

    def respond(self) -> None:
        answer = self.server.answer(self.command, self.headers.get("Host", ""), self.path)
        tag = answer.tag
        known = answer.status is HTTPStatus.OK and self.headers.get("If-None-Match") == tag
        body = b"" if known else answer.body
        self.close_connection = self.close_connection or self.command != "GET"  # what it sent besides is not read
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # pages are closed while we answer
            self.send_response(HTTPStatus.NOT_MODIFIED if known else answer.status)
            for name, value in {**guard.HEADERS, **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("ETag", tag)
            self.send_header("Content-Type", f"{answer.type}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = respond  # noqa: N815 - http.server calls them so

    def version_string(self) -> str:  # type: ignore[explicit-override]  # see app.py
        return "batchyard"

    def log_message(self, *_: object) -> None:  # type: ignore[explicit-override]
        """The address has the secret in it."""
