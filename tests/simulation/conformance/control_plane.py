"""A real etcd, API servers on it, and two controllers beside them, as plain processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import orjson

from tests.cluster import kubeconfig, programs
from tests.cluster.commands import run
from tests.cluster.waiting import wait_for
from tests.simulation.api.call import Body, Request
from tests.simulation.conformance.real_server import TOKEN, RealServer

START_SECONDS = 60.0
CONTROLLERS = ("garbage-collector-controller", "namespace-controller")


@dataclass(frozen=True)
class ControlPlane:
    """An etcd that runs, with its files in `state`. Whatever is started here ends with its context."""

    state: Path
    etcd: str

    @contextmanager
    def api_server(self) -> Iterator[RealServer]:
        """One more that serves what is in etcd; it remembers nothing that was before its start."""
        (port,) = _free_ports(1)
        with _process(self.state, f"kube-apiserver-{port}", "kube-apiserver", self._api_server_flags(port)):
            server = RealServer(port)
            wait_for("the API server is ready", server.ready, START_SECONDS)
            yield server

    @contextmanager
    def controllers(self, server: RealServer) -> Iterator[None]:
        """Those of the kinds that are there by now: the garbage collector, and the one that empties ending namespaces."""
        config = self.state / "kubeconfig"
        config.write_bytes(orjson.dumps(_access(server.port)))
        flags = [
            f"--kubeconfig={config}",
            f"--controllers={','.join(CONTROLLERS)}",
            "--leader-elect=false",
            "--secure-port=0",
            "--kube-api-qps=500",
            "--kube-api-burst=1000",
        ]
        with _process(self.state, "kube-controller-manager", "kube-controller-manager", flags):
            yield

    def compact(self) -> None:
        """Forgets every version but the latest."""
        latest = self._asked("range", {"key": "AA=="})["header"]["revision"]
        self._asked("compaction", {"revision": latest, "physical": True})

    def _asked(self, what: str, question: Body) -> Any:
        with urlopen(f"{self.etcd}/v3/kv/{what}", orjson.dumps(question), START_SECONDS) as answer:
            return orjson.loads(answer.read())

    def _api_server_flags(self, port: int) -> list[str]:
        key, tokens = self.state / "sa.key", self.state / "tokens.csv"
        return [
            f"--etcd-servers={self.etcd}",
            f"--secure-port={port}",
            "--bind-address=127.0.0.1",
            f"--cert-dir={self.state / 'certificates'}",
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
def running() -> Iterator[ControlPlane]:
    """With nothing in it."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", state / "sa.key")
        (state / "tokens.csv").write_text(f'{TOKEN},admin,admin,"system:masters"\n')
        port, peers = _free_ports(2)
        with _process(state, "etcd", "etcd", _etcd_flags(state, port, peers)):
            yield ControlPlane(state, f"http://127.0.0.1:{port}")


def define(server: RealServer, definitions: Sequence[Body]) -> None:
    """Once it returns, the kinds are served."""
    for definition in definitions:
        answer = server.handle(
            Request("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {}, definition)
        )
        assert answer.code == 201, answer.body
    for definition in definitions:
        spec = definition["spec"]
        collection = f"/apis/{spec['group']}/{spec['versions'][0]['name']}/{spec['names']['plural']}"
        wait_for(f"{collection} is served", partial(_serves, server, collection), START_SECONDS)


def _serves(server: RealServer, collection: str) -> bool:
    return server.handle(Request("GET", collection)).code == 200


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


def _access(port: int) -> Body:
    cluster = {"server": f"https://127.0.0.1:{port}", "insecure-skip-tls-verify": True}
    return kubeconfig.content(cluster, {"token": TOKEN})


@contextmanager
def _process(state: Path, name: str, program: str, flags: list[str]) -> Iterator[None]:
    with (state / f"{name}.log").open("w") as log:
        argv = [str(programs.build() / program), *flags]
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
