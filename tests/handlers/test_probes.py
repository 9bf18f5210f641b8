from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest

from batchyard.handlers import probes
from batchyard.handlers.probes import SILENT_SECONDS, Health
from batchyard.kube.client import Client
from batchyard.kube.kinds import BATCH_TASK, POD, Kind, Scope
from batchyard.kube.reflector import Reflector
from tests.kube.memory import Memory

Ask = Callable[[str], Awaitable[tuple[int, str]]]


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
async def ask(health: Health) -> AsyncIterator[Ask]:
    runner = await probes.serve(health, 0)
    port = next(port for host, port, *_ in runner.addresses if host == "0.0.0.0")  # each family has its own

    async def ask(path: str) -> tuple[int, str]:
        async with aiohttp.request("GET", f"http://127.0.0.1:{port}{path}") as answer:
            return answer.status, await answer.text()

    yield ask
    await runner.cleanup()


def reflector(client: Client, kind: Kind, silent: float) -> Reflector:
    made = Reflector(client, Scope(kind), Memory())
    made._last_event = time.monotonic() - silent
    return made


async def test_operator_that_has_not_listed_everything_is_alive_and_not_ready(ask: Ask) -> None:
    assert await ask("/healthz") == (200, "ok")
    assert (await ask("/readyz"))[0] == 503


async def test_standby_is_ready_until_it_takes_over(ask: Ask, health: Health) -> None:
    """Else a Deployment of two replicas would never be complete, and no upgrade of it."""
    health.standby = lambda: True
    assert (await ask("/readyz"))[0] == 200
    health.standby = lambda: False
    assert (await ask("/readyz"))[0] == 503


async def test_operator_is_ready_once_everything_is_listed(ask: Ask, health: Health) -> None:
    health.ready = True
    assert await ask("/readyz") == (200, "ok")


async def test_silent_stream_is_named_and_ends_the_operator(ask: Ask, health: Health, client: Client) -> None:
    health.reflectors += [reflector(client, POD, SILENT_SECONDS + 1), reflector(client, BATCH_TASK, 0)]
    assert await ask("/healthz") == (503, "silent: pods")


async def test_streams_that_speak_keep_it_alive(ask: Ask, health: Health, client: Client) -> None:
    health.reflectors.append(reflector(client, POD, SILENT_SECONDS - 30))
    assert (await ask("/healthz"))[0] == 200


async def test_nothing_else_is_answered(ask: Ask) -> None:
    assert (await ask("/"))[0] == 404
