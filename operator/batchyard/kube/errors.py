"""What can go wrong with a call, by meaning: four classes and the one table that maps HTTP answers to them. No I/O."""

# ruff: noqa: N818  the names say what is the matter; "Error" would add nothing

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson


class KubeError(Exception):
    """The root. `status` is the HTTP code, 0 without an answer; `reason` is Kubernetes' own CamelCase word."""

    def __init__(self, message: str, *, status: int = 0, reason: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.reason = reason


class NotFound(KubeError):
    """The object named in the call (or its namespace) provably does not exist."""


class Conflict(KubeError):
    """What we knew is out of date: read again, plan again, never repeat blindly."""

    def __init__(self, message: str, *, status: int = 409, reason: str = "") -> None:
        super().__init__(message, status=status, reason=reason)
        self.already_exists = reason == "AlreadyExists"
        self.expired = status == 410


@dataclass(frozen=True, slots=True)
class Cause:
    """One complaint of the API server about one field."""

    reason: str
    field: str
    message: str


class Rejected(KubeError):
    """The API server will never take this: our mistake or the user's. Repeating it is pointless."""

    def __init__(self, message: str, *, status: int = 400, reason: str = "", causes: tuple[Cause, ...] = ()) -> None:
        super().__init__(message, status=status, reason=reason)
        self.causes = causes


class Unavailable(KubeError):
    """Nobody is to blame, try later. After a write with `outcome_unknown` only a read tells whether it happened."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        reason: str = "",
        retry_after: float | None = None,
        outcome_unknown: bool = False,
    ) -> None:
        super().__init__(message, status=status, reason=reason)
        self.retry_after = retry_after
        self.outcome_unknown = outcome_unknown


@dataclass(frozen=True, slots=True)
class Answer:
    """An unsuccessful HTTP answer, taken apart."""

    status: int
    message: str
    reason: str
    details: dict[str, Any]
    write: bool
    retry_after: float | None

    @property
    def causes(self) -> tuple[Cause, ...]:
        return tuple(
            Cause(cause.get("reason", ""), cause.get("field", ""), cause.get("message", ""))
            for cause in self.details.get("causes") or ()
        )


def from_response(
    status: int, body: bytes | dict[str, Any], *, write: bool = True, retry_after: float | None = None
) -> KubeError:
    """The error that an unsuccessful answer stands for. `body` is Kubernetes' Status object or whatever a proxy said."""
    content = body if isinstance(body, dict) else _content(body)
    details = content.get("details") or {}
    answer = Answer(
        status=status,
        message=f"{content.get('message') or 'no explanation'} (HTTP {status})",
        reason=content.get("reason") or "",
        details=details,
        write=write,
        retry_after=details.get("retryAfterSeconds") if retry_after is None else retry_after,
    )
    return next(make(answer) for applies, make in _TABLE if applies(answer))


def _content(body: bytes) -> dict[str, Any]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        content = None
    return content if isinstance(content, dict) else {"message": body[:200].decode(errors="replace").strip()}


def _not_found(answer: Answer) -> KubeError:
    return NotFound(answer.message, status=answer.status, reason=answer.reason)


def _conflict(answer: Answer) -> KubeError:
    return Conflict(answer.message, status=answer.status, reason=answer.reason)


def _rejected(answer: Answer) -> KubeError:
    return Rejected(answer.message, status=answer.status, reason=answer.reason, causes=answer.causes)


def _not_done(answer: Answer) -> KubeError:
    return Unavailable(answer.message, status=answer.status, reason=answer.reason, retry_after=answer.retry_after)


def _perhaps_done(answer: Answer) -> KubeError:
    return Unavailable(
        answer.message,
        status=answer.status,
        reason=answer.reason,
        retry_after=answer.retry_after,
        outcome_unknown=answer.write,
    )


# The first line that applies decides, so the most specific come first.
_TABLE: tuple[tuple[Callable[[Answer], bool], Callable[[Answer], KubeError]], ...] = (
    # A 404 that names no object speaks of the path: the kind is not served (yet). That says nothing about any object.
    (lambda a: a.status == 404 and bool(a.details.get("name")), _not_found),
    (lambda a: a.status == 404, _not_done),
    # A 422 without details is a JSON patch whose `test` failed or whose path is gone; a validation names object and field.
    (lambda a: a.status == 422 and not a.details, _conflict),
    (lambda a: a.status in (409, 410, 412), _conflict),
    # 401: our token is being rotated; 429: turned away at the door.
    (lambda a: a.status in (401, 429), _not_done),
    (lambda a: a.status == 408, _perhaps_done),
    (lambda a: 400 <= a.status < 500, _rejected),
    (lambda _: True, _perhaps_done),
)
