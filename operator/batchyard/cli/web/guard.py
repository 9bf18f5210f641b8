"""Which requests are let in: whoever has the secret of the printed address, by a name of this machine, and only to read. Pure."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

LOCAL = frozenset({"127.0.0.1", "localhost"})
"""A page from elsewhere whose name was turned to this machine (DNS rebinding) says its own name. The port may be that of an `ssh -L`."""
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_OBJECT_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")


def refusal(method: str, host: str, path: str, secret: str) -> HTTPStatus | None:
    if method != "GET":
        return HTTPStatus.METHOD_NOT_ALLOWED
    if host.rpartition(":")[0] not in LOCAL and host not in LOCAL:
        return HTTPStatus.MISDIRECTED_REQUEST
    return None if has(path, secret) else HTTPStatus.NOT_FOUND


def has(path: str, secret: str) -> bool:
    first = path.removeprefix("/").partition("/")[0]
    return hmac.compare_digest(first.encode(), secret.encode())


def behind(path: str) -> str:
    """What is asked for, without the secret and the query."""
    return unquote(urlsplit(path).path).removeprefix("/").partition("/")[2]


def is_name(word: str) -> bool:
    """Whether it may be an object's; anything else never gets into a path of the API server."""
    return bool(_OBJECT_NAME.fullmatch(word)) and ".." not in word
