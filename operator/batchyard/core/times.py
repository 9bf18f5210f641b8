"""Times as the API writes them. Asks for no clock: callers bring the time."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=256)
def stamp(epoch: float) -> str:
    """RFC 3339 in UTC with whole seconds, as metav1.Time. Remembered: one pass writes the same moment many times."""
    return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def epoch(text: str | None) -> float | None:
    """Epoch seconds of an RFC 3339 time; None stays None."""
    return datetime.fromisoformat(text).timestamp() if text else None
