"""The page as it is served, in front of a cluster in memory: its server in a thread, and a client that says what it wants."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from batchyard.cli.session import Session
from batchyard.cli.web.answers import Answers
from batchyard.cli.web.recent import Recent
from batchyard.cli.web.server import Server
from tests.cli.memory import Memory, Object

SECRET = "a-secret-that-nobody-guesses"


@dataclass(frozen=True)
class Said:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Page:
    address: str

    def asked(self, path: str, method: str = "GET", **headers: str) -> Said:
        """`path` below the secret; one that begins with / is the whole of it."""
        url = urlsplit(self.address)
        connection = http.client.HTTPConnection(str(url.hostname), url.port or 0, timeout=10)
        whole = path if path.startswith("/") else url.path + path
        connection.request(method, whole, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        said = Said(answer.status, dict(answer.headers), answer.read())
        connection.close()
        return said


@contextmanager
def served(cluster: Memory, *place: str, clock: Callable[[], float] = time.monotonic) -> Iterator[Page]:
    answers = Answers(Session(cluster, "default"), Recent(cluster, lambda: cluster), place)
    with Server(0, SECRET, answers, clock) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield Page(server.address)
        finally:
            server.shutdown()


@contextmanager
def page_of(*objects: Object) -> Iterator[Page]:
    with served(Memory(*objects)) as page:
        yield page
