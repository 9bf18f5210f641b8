"""A call to the API server and its answer, as values. What is in a body is never changed after it was handed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

from batchyard.kube.request import JSON

Body = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """`path` is as in the URL without the query; `body` is JSON as bytes, or what such bytes would decode to."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    content_type: str = JSON

    def decoded(self) -> Any:
        """A copy of the body that is nobody else's; ValueError if it is not JSON."""
        return orjson.loads(self.body if isinstance(self.body, bytes) else orjson.dumps(self.body))


@dataclass(frozen=True)
class Response:
    """`body` shares its parts with what is stored: to be read only. `content` is what goes over the wire."""

    code: int
    body: Body
    headers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def content(self) -> bytes:
        return orjson.dumps(self.body)
