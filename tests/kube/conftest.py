from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from batchyard.kube.client import Client
from batchyard.kube.http import Http
from tests.kube.api_server import ApiServer


@pytest.fixture
async def server() -> AsyncIterator[ApiServer]:
    async with ApiServer() as server:
        yield server


@pytest.fixture
async def client(server: ApiServer) -> AsyncIterator[Client]:
    async with Client(Http(server.credentials)) as client:
        yield client
