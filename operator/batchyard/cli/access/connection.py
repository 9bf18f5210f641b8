"""One HTTP call to the API server over one connection of its own. Says in our words what went wrong; knows no kinds."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import SplitResult, unquote, urlencode, urlsplit

from batchyard.cli.access.login import Login
from batchyard.cli.outcome import Exit, NotLoggedIn, NotThere, Problem

CONNECT_SECONDS = 10
_EXITS = {403: Exit.FORBIDDEN, 429: Exit.UNREACHABLE, 503: Exit.UNREACHABLE}


class _Secure(http.client.HTTPSConnection):
    """Expects another name in the server's certificate than the one in its address."""

    def __init__(self, host: str, port: int, *, name: str | None, tls: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=CONNECT_SECONDS, context=tls)
        self._expected, self._tls = name, tls

    def connect(self) -> None:  # type: ignore[explicit-override]  # see app.py
        http.client.HTTPConnection.connect(self)
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._expected or self.tunnel or self.host)

    @property
    def tunnel(self) -> str | None:
        """The server's name where `host` is the proxy's."""
        return getattr(self, "_tunnel_host", None)


class Connection:
    def __init__(self, login: Login) -> None:
        self._login = login
        self._server = _address("server", login.server)
        if self._server.scheme not in ("http", "https"):
            raise Problem(f"the server {login.server!r} is no address")

    def call(
        self,
        method: str,
        path: str,
        params: dict[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
    ) -> Any:
        """The answer's JSON."""
        content = None if body is None else json.dumps(body).encode()
        with self._answer(method, path, params, content, content_type, seconds=30) as answer:
            return json.loads(answer.read())

    @contextmanager
    def stream(self, path: str, params: dict[str, str], *, seconds: float | None) -> Iterator[http.client.HTTPResponse]:
        """The answer to a GET as it comes; `seconds` is the longest silence, None for ever."""
        with self._answer("GET", path, params, None, "application/json", seconds=seconds) as answer:
            yield answer

    @contextmanager
    def _answer(
        self,
        method: str,
        path: str,
        params: dict[str, str] | None,
        body: bytes | None,
        content_type: str,
        *,
        seconds: float | None,
    ) -> Iterator[http.client.HTTPResponse]:
        query = f"?{urlencode(params)}" if params else ""
        headers = {"Content-Type": content_type, "Accept": "application/json, */*", "User-Agent": "batchyard"}
        connection = self._open()
        try:
            connection.connect()
            if connection.sock is not None:
                connection.sock.settimeout(seconds)
            connection.request(method, self._server.path + path + query, body, headers | self._login.headers)
            answer = connection.getresponse()
            if answer.status >= 300:
                raise refusal(answer.status, answer.read())
            yield answer
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Problem(
                f"no answer from {self._login.server}: {_told(error)}",
                Exit.UNREACHABLE,
                hint="is it the right --context, and does `kubectl version` reach it?",
            ) from error
        finally:
            connection.close()

    def _open(self) -> http.client.HTTPConnection:
        server, proxy = self._server, _address("proxy", self._login.proxy or _proxy(self._server))
        host, port = server.hostname or "", server.port or (443 if server.scheme == "https" else 80)
        at = (proxy.hostname or host, (proxy.port or 80) if proxy.hostname else port)
        if proxy.hostname and proxy.scheme != "http":
            raise Problem(f"a proxy of scheme {proxy.scheme!r} is not supported; http:// is")
        if self._login.tls is None:
            connection: http.client.HTTPConnection = http.client.HTTPConnection(*at, timeout=CONNECT_SECONDS)
        else:
            connection = _Secure(*at, name=self._login.server_name, tls=self._login.tls)
        if proxy.hostname:
            connection.set_tunnel(host, port, headers=_for_proxy(proxy))
        return connection


def _address(what: str, text: str) -> SplitResult:
    try:
        found = urlsplit(text)
        if not text or (found.hostname and found.port != 0 and " " not in found.hostname):
            return found
    except ValueError:  # a port that is none
        pass
    raise Problem(f"the {what} {text!r} is no address")


def _proxy(server: SplitResult) -> str:
    """The environment's own; most people have none, and then nothing more is imported."""
    if not any(name.lower() == f"{server.scheme}_proxy" for name in os.environ):
        return ""
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415

    named = "" if proxy_bypass(server.netloc) else getproxies().get(server.scheme, "")
    return f"http://{named}" if named and "://" not in named else named


def _for_proxy(proxy: SplitResult) -> dict[str, str]:
    import base64  # noqa: PLC0415

    if not proxy.username:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def refusal(status: int, body: bytes) -> Problem:
    try:
        said = json.loads(body)
        message = said.get("message") or said.get("reason") or ""
    except (ValueError, AttributeError):
        message = body[:200].decode(errors="replace").strip()
    message = message or f"the API server answered HTTP {status}"
    if status == 404:
        served = "could not find the requested resource" in message
        return NotThere(message, hint="is Batchyard installed in this cluster?" if served else "")
    return NotLoggedIn(message) if status == 401 else Problem(message, _EXITS.get(status, Exit.ERROR))


def _told(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long"
    if isinstance(error, socket.gaierror | ssl.SSLError | OSError):
        return error.strerror or str(error) or type(error).__name__
    return str(error) or type(error).__name__
