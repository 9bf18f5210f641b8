"""What carries calls to the API server and answers back: HTTP in production, a simulated network in tests. No I/O here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from batchyard.kube.errors import KubeError, from_response
from batchyard.kube.request import Request


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer as it came; `retry_after` are the seconds that the server asks for."""

    status: int
    body: bytes
    retry_after: float | None = None

    def error(self, call: Request) -> KubeError | None:
        if self.status < 300:
            return None
        return from_response(self.status, self.body, write=call.writes, retry_after=self.retry_after)


class Wire(Protocol):
    """What cannot be carried leaves as Unavailable, with `outcome_unknown` if the server may have taken the call."""

    async def send(self, call: Request, *, seconds: float) -> Answer:
        """The answer, if it is here within so many seconds."""

    def stream(self, call: Request, *, silence_seconds: float) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The answer bit by bit; refused calls raise as their answer says, and so does a stream that falls silent."""

    async def close(self) -> None: ...
