"""A command in a container over a WebSocket: channels, how it ended, and how a refusal is told."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from batchyard.cli.access.execution import execute
from batchyard.cli.access.login import Login
from batchyard.cli.outcome import Exit, Problem

PATH = "/api/v1/namespaces/default/pods/agent/exec"
SUCCESS = {"status": "Success"}
FAILURE = {"status": "Failure", "message": "command terminated with non-zero exit code"}


@dataclass
class Kubelet:
    """What it sends: channel and content; or the refusal it answers with."""

    address: str = ""
    messages: list[tuple[int, bytes]] = field(default_factory=list)
    refusal: tuple[int, str] | None = None
    queries: list[list[tuple[str, str]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.queries.append([*request.query.items()])
        self.headers.append(dict(request.headers))
        if self.refusal is not None:
            return web.json_response({"message": self.refusal[1]}, status=self.refusal[0])
        socket = web.WebSocketResponse(protocols=["v5.channel.k8s.io"])
        await socket.prepare(request)
        for channel, content in self.messages:
            await socket.send_bytes(bytes([channel]) + content)
        await socket.close()
        return socket

    def run(self) -> list[bytes]:
        login = Login(self.address, "default", headers={"Authorization": "Bearer me"})
        return [*execute(login, PATH, "agent", ["sh", "-c", "echo $1 & 'two words'"])]


@pytest.fixture
def kubelet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kubelet]:
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    kubelet, loop = Kubelet(), asyncio.new_event_loop()
    application = web.Application()
    application.router.add_get(PATH, kubelet.serve)
    runner = web.AppRunner(application, shutdown_timeout=0.1)

    async def start() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        kubelet.address = f"http://127.0.0.1:{runner.addresses[0][1]}"

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    yield kubelet
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def test_standard_output_comes_bit_by_bit_and_the_command_word_by_word(kubelet: Kubelet) -> None:
    kubelet.messages = [(1, b""), (1, b"one\n"), (2, b"ignored"), (1, b"\xff"), (3, json.dumps(SUCCESS).encode())]
    assert b"".join(kubelet.run()) == b"one\n\xff"
    assert kubelet.queries == [
        [
            ("container", "agent"),
            ("stdout", "true"),
            ("stderr", "true"),
            ("command", "sh"),
            ("command", "-c"),
            ("command", "echo $1 & 'two words'"),
        ]
    ]
    assert kubelet.headers[0]["Authorization"] == "Bearer me"
    assert kubelet.headers[0]["Sec-WebSocket-Protocol"] == "v5.channel.k8s.io"


@pytest.mark.parametrize(
    ("messages", "says"),
    [
        ([(2, b"x: no such file\n"), (3, json.dumps(FAILURE).encode())], "^x: no such file$"),
        ([(3, json.dumps(FAILURE).encode())], "non-zero exit code"),
        ([(1, b"half")], "ended before the command did"),
        ([], "ended before the command did"),
    ],
)
def test_command_that_fails_says_what_it_said(kubelet: Kubelet, messages: list[tuple[int, bytes]], says: str) -> None:
    kubelet.messages = messages
    with pytest.raises(Problem, match=says):
        kubelet.run()


@pytest.mark.parametrize(
    ("status", "code"), [(403, Exit.FORBIDDEN), (401, Exit.FORBIDDEN), (404, Exit.NOT_FOUND), (500, Exit.ERROR)]
)
def test_refusal_is_that_of_the_api_server(kubelet: Kubelet, status: int, code: Exit) -> None:
    kubelet.refusal = (status, 'pods "agent" is forbidden')
    with pytest.raises(Problem, match='pods "agent" is forbidden') as caught:
        kubelet.run()
    assert caught.value.exit_code is code


def test_server_that_is_not_there_is_no_answer() -> None:
    with pytest.raises(Problem, match="broke") as caught:
        [*execute(Login("http://127.0.0.1:1", "default"), PATH, "agent", ["true"])]
    assert caught.value.exit_code is Exit.UNREACHABLE
