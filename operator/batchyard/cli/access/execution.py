"""A command in a running container, over a WebSocket (v5.channel.k8s.io). The only importer of the `websocket` library."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import websocket

from batchyard.cli.access.connection import refusal
from batchyard.cli.access.login import Login
from batchyard.cli.outcome import Exit, Problem

_PROTOCOL = "v5.channel.k8s.io"
_OUT, _ERR, _STATUS = 1, 2, 3
_SILENCE_SECONDS = 60


def execute(login: Login, path: str, container: str, argv: Iterable[str]) -> Iterator[bytes]:
    """Its standard output bit by bit. Every message begins with the number of its channel."""
    wanted = [("container", container), ("stdout", "true"), ("stderr", "true"), *(("command", word) for word in argv)]
    address = f"{login.server.replace('http', 'ws', 1)}{path}?{urlencode(wanted, quote_via=quote)}"
    errors, status = b"", b""
    try:
        channel = _connected(login, address)
        try:
            while message := channel.recv():
                content = message if isinstance(message, bytes) else message.encode()
                if content[0] == _OUT:
                    yield content[1:]
                elif content[0] == _ERR:
                    errors += content[1:]
                elif content[0] == _STATUS:
                    status += content[1:]
        finally:
            channel.shutdown()  # type: ignore[no-untyped-call]  # without the polite exchange: the command is over, or nobody wants its rest
    except websocket.WebSocketBadStatusException as error:
        raise refusal(error.status_code, error.resp_body or b"") from error
    except (websocket.WebSocketException, OSError) as error:
        raise Problem(f"the connection to the container broke: {error}", Exit.UNREACHABLE) from error
    _judge(errors, status)


def _connected(login: Login, address: str) -> websocket.WebSocket:
    tls: dict[str, Any] = {"context": login.tls} if login.tls else {}
    if login.server_name:
        tls["server_hostname"] = login.server_name
    proxy = urlsplit(login.proxy)
    return websocket.create_connection(
        address,
        timeout=_SILENCE_SECONDS,
        sslopt=tls,
        subprotocols=[_PROTOCOL],
        header=[f"{name}: {value}" for name, value in login.headers.items()],
        suppress_origin=True,
        http_proxy_host=proxy.hostname,
        http_proxy_port=proxy.port,
        http_proxy_auth=(proxy.username, proxy.password) if proxy.username else None,
        proxy_type="http" if proxy.hostname else None,
    )


def _judge(errors: bytes, status: bytes) -> None:
    """The last channel says how the command ended."""
    said = json.loads(status) if status else {"message": "the connection ended before the command did"}
    if said.get("status") != "Success":
        text = errors.decode(errors="replace").strip() or str(said.get("message", "the command failed"))
        raise Problem(text)
