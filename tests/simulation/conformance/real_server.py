"""A real etcd and a real API server as plain processes, without any controller: only what an API server does by itself."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson

from tests.cluster import programs
from tests.cluster.commands import run
from tests.cluster.waiting import wait_for
from tests.simulation.api.call import Body, Request, Response

TOKEN = "conformance"
START_SECONDS = 60.0
ANSWER_SECONDS = 30.0


class RealServer:
    """Takes the same calls as the simulation's."""

    def __init__(self, port: int) -> None:
        self._port = port
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
        """Until the server ends the watch, or the caller has enough."""
        connection = self._connect()
        try:
            connection.request(
                "GET", _url(path, {**query, "watch": "true"}), None, {"Authorization": f"Bearer {TOKEN}"}
            )
            for line in connection.getresponse():
                yield orjson.loads(line)
        finally:
            connection.close()

    def ready(self) -> bool:
        try:
            return self.handle(Request("GET", "/readyz")).code == 200
        except OSError:
            self._connection.close()
            return False

    def _connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS, context=self._tls)


@contextmanager
def running(definitions: Sequence[Body]) -> Iterator[RealServer]:
    """Serving the built-in kinds and those of the definitions."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        state, built = Path(folder), programs.build()
        etcd, peers, port = _free_ports(3)
        stack.enter_context(_process(state, "etcd", [str(built / "etcd"), *_etcd_flags(state, etcd, peers)]))
        apiserver = [str(built / "kube-apiserver"), *_apiserver_flags(state, etcd, port)]
        stack.enter_context(_process(state, "kube-apiserver", apiserver))
        server = RealServer(port)
        wait_for("the API server is ready", server.ready, START_SECONDS)
        for definition in definitions:
            _install(server, definition)
        yield server


def _install(server: RealServer, definition: Body) -> None:
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    answer = server.handle(Request("POST", path, {}, definition))
    assert answer.code == 201, answer.body
    spec = definition["spec"]
    collection = f"/apis/{spec['group']}/{spec['versions'][0]['name']}/{spec['names']['plural']}"
    wait_for(f"{collection} is served", lambda: server.handle(Request("GET", collection)).code == 200, START_SECONDS)


def _etcd_flags(state: Path, port: int, peers: int) -> list[str]:
    return [
        f"--data-dir={state / 'etcd-data'}",
        "--unsafe-no-fsync",
        f"--listen-client-urls=http://127.0.0.1:{port}",
        f"--advertise-client-urls=http://127.0.0.1:{port}",
        f"--listen-peer-urls=http://127.0.0.1:{peers}",
        f"--initial-advertise-peer-urls=http://127.0.0.1:{peers}",
        f"--initial-cluster=default=http://127.0.0.1:{peers}",
        "--log-level=warn",
    ]


def _apiserver_flags(state: Path, etcd: int, port: int) -> list[str]:
    key, tokens = state / "sa.key", state / "tokens.csv"
    run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
    tokens.write_text(f'{TOKEN},admin,admin,"system:masters"\n')
    return [
        f"--etcd-servers=http://127.0.0.1:{etcd}",
        f"--secure-port={port}",
        "--bind-address=127.0.0.1",
        f"--cert-dir={state / 'certificates'}",
        "--service-cluster-ip-range=10.0.0.0/24",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--token-auth-file={tokens}",
        "--authorization-mode=AlwaysAllow",
        "--disable-admission-plugins=ServiceAccount",  # nobody makes accounts here
        "--enable-priority-and-fairness=false",
    ]


@contextmanager
def _process(state: Path, name: str, argv: list[str]) -> Iterator[None]:
    with (state / f"{name}.log").open("w") as log:
        process = subprocess.Popen(argv, stdout=log, stderr=log, start_new_session=True)
        try:
            yield
            assert process.poll() is None, f"{name} ended by itself:\n{(state / f'{name}.log').read_text()[-2000:]}"
        finally:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
            process.wait()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _url(path: str, query: Any) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _decoded(content: bytes) -> Body:
    try:
        body = orjson.loads(content)
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"text": content.decode(errors="replace")}
