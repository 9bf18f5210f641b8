"""The wire of production: aiohttp. Sends calls and says in our errors what went wrong on the way; decides nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from typing_extensions import override

from batchyard.kube import request
from batchyard.kube.credentials import Credentials
from batchyard.kube.errors import Unavailable
from batchyard.kube.request import Request
from batchyard.kube.wire import Answer, Wire

CONNECT_SECONDS = 5


class Http(Wire):
    """To be made inside the running loop."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._session = _session(credentials, connections=64)
        self._streams = _session(credentials, connections=0)  # unbounded: a watch must not take a place from the calls

    @override
    async def close(self) -> None:
        await self._streams.close()
        await self._session.close()

    @override
    async def send(self, call: Request, *, seconds: float) -> Answer:
        limits = aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS, total=seconds)
        async with self._response(self._session, call, limits) as response:
            return await _answer(response)

    @override
    @asynccontextmanager
    async def stream(self, call: Request, *, silence_seconds: float) -> AsyncIterator[AsyncIterator[bytes]]:
        limits = aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS, sock_read=silence_seconds)
        async with self._response(self._streams, call, limits) as response:
            if response.status >= 300 and (error := (await _answer(response)).error(call)) is not None:
                raise error
            # Not the reader's own lines: they are limited to 128 KB, objects are not.
            yield response.content.iter_any()

    @asynccontextmanager
    async def _response(
        self, session: aiohttp.ClientSession, call: Request, limits: aiohttp.ClientTimeout
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Whatever goes wrong until the answer is consumed leaves here as a KubeError."""
        headers = self._headers(call)
        try:
            async with session.request(
                call.method,
                self._credentials.server + call.path,
                params=call.params,
                data=call.body,
                headers=headers,
                timeout=limits,
                allow_redirects=False,
                server_hostname=self._credentials.server_name,
            ) as response:
                yield response
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise _lost(call, error) from error

    def _headers(self, call: Request) -> dict[str, str]:
        # Not compressed: the API server is near, its time and ours are dear.
        headers = {"Content-Type": call.content_type, "Accept": request.JSON, "Accept-Encoding": "identity"}
        return headers | self._credentials.headers()


def _session(credentials: Credentials, connections: int) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=connections, ssl=credentials.ssl_context or True)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


async def _answer(response: aiohttp.ClientResponse) -> Answer:
    after = response.headers.get("Retry-After", "")
    return Answer(response.status, await response.read(), float(after) if after.isdecimal() else None)


def _lost(call: Request, error: Exception) -> Unavailable:
    never_sent = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    return Unavailable(
        f"{call.verb} {call.path}: {str(error) or type(error).__name__}", outcome_unknown=call.writes and not never_sent
    )
