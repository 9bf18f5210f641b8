"""Conditions as the API conventions want them: a transition time moves only when the status does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from batchyard.api.meta import Status
from batchyard.core.times import stamp

MESSAGE_LIMIT = 1024


@dataclass(frozen=True, slots=True)
class Observed:
    """One condition as we see it now."""

    type: str
    status: bool
    reason: str
    message: str = ""


def true(kind: str, reason: str, message: str = "") -> Observed:
    return Observed(kind, status=True, reason=reason, message=message)


def false(kind: str, reason: str, message: str = "") -> Observed:
    return Observed(kind, status=False, reason=reason, message=message)


def merge(
    present: Iterable[Mapping[str, Any]], observed: Iterable[Observed], *, now: float, generation: int
) -> list[dict[str, Any]]:
    """All `observed` conditions in their order, then those of `present` that nobody observed, untouched."""
    before = {c["type"]: c for c in present}
    merged = [_merged(before.pop(c.type, None), c, now, generation) for c in observed]
    return merged + [dict(c) for c in before.values()]


def _merged(before: Mapping[str, Any] | None, seen: Observed, now: float, generation: int) -> dict[str, Any]:
    status = "True" if seen.status else "False"
    flipped = before is None or before.get("status") != status
    return {
        "type": seen.type,
        "status": status,
        "reason": seen.reason,
        "message": seen.message[:MESSAGE_LIMIT],
        "observedGeneration": generation,
        "lastTransitionTime": stamp(now) if flipped or before is None else before["lastTransitionTime"],
    }


def told_unsupported(fields: Sequence[str], status: Status) -> Iterator[Observed]:
    """Names the fields that have no effect yet; taken back when they are gone, and never said of an object that had none."""
    if fields:
        message = f"have no effect yet: {', '.join(fields)}"
        yield Observed("Unsupported", status=True, reason="NotImplemented", message=message)
    elif status.condition("Unsupported") is not None:
        yield Observed("Unsupported", status=False, reason="None")
