"""Hands a trace to a collector of OpenTelemetry (OTLP/HTTP). Knows nothing of what is in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from batchyard.cli.outcome import Problem

SECONDS = 30
HEADERS = ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")
"""The first that is set counts."""


class _Stays(HTTPRedirectHandler):
    """What the headers say may be a secret between us and this collector alone."""

    def redirect_request(self, *_: Any) -> None:  # type: ignore[explicit-override]  # see app.py
        return None


def post(endpoint: str, body: str, environment: Mapping[str, str]) -> str:
    """The address it went to."""
    if not _is_address(endpoint):
        raise Problem(f"{endpoint!r} is no address of a collector", hint="for example http://localhost:4318")
    url = f"{endpoint.rstrip('/')}/v1/traces"
    told = {"User-Agent": "batchyard", **headers(environment), "Content-Type": "application/json"}
    request = Request(url, body.encode(), told, method="POST")  # noqa: S310 - its scheme has been looked at
    try:
        with build_opener(_Stays).open(request, timeout=SECONDS) as answer:
            _judge(url, answer.read())
    except HTTPError as error:
        text = error.read(300).decode(errors="replace").strip()
        raise Problem(f"{url} answered HTTP {error.code}: {text or error.reason}") from error
    except (OSError, HTTPException) as error:
        raise Problem(
            f"no answer from {url}: {getattr(error, 'reason', None) or error or type(error).__name__}"
        ) from error
    except ValueError as error:  # its words would repeat the header
        raise Problem(f"a header of {' or '.join(HEADERS)} cannot be sent") from error
    return url


def headers(environment: Mapping[str, str]) -> dict[str, str]:
    """`name=value,name=value`, values percent-encoded (W3C Baggage, as OpenTelemetry has it)."""
    variable = next((name for name in HEADERS if environment.get(name)), "")
    pairs = [pair.partition("=") for pair in environment.get(variable, "").split(",") if pair.strip()]
    if not all(name.strip() and equals for name, equals, _ in pairs):
        raise Problem(f"{variable} is not of the form name=value,name=value")
    return {name.strip(): unquote(value.strip()) for name, _, value in pairs}


def _is_address(endpoint: str) -> bool:
    try:
        found = urlsplit(endpoint)
        return found.scheme in ("http", "https") and bool(found.hostname) and found.port != 0
    except ValueError:  # a port that is none
        return False


def _judge(url: str, answer: bytes) -> None:
    """HTTP 200 may still mean that some were refused."""
    try:
        said = json.loads(answer or b"{}").get("partialSuccess") or {}
        refused = int(said.get("rejectedSpans", 0))
    except (ValueError, TypeError, AttributeError):
        return
    if refused:
        raise Problem(f"{url} refused {refused} spans: {said.get('errorMessage') or 'it does not say why'}")
