"""What tests of calls over HTTP share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.http_server import Server, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving() as found:
        yield found
