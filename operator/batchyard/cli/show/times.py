"""Moments and spans for people, as kubectl writes them. The present moment is handed in."""

from __future__ import annotations

from datetime import UTC, datetime

Moment = datetime
_DAY, _HOUR, _MINUTE = 86_400, 3600, 60


def moment(text: str) -> Moment | None:
    """RFC 3339 as the API server writes it; None for no or any other text."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except ValueError:
        return None


def between(start: str, end: str, now: Moment) -> str:
    """How long it took, or has taken so far; empty when it has not begun."""
    begin = moment(start)
    return "" if begin is None else span(((moment(end) or now) - begin).total_seconds())


def span(seconds: float) -> str:
    """With two figures where the smaller one still matters."""
    whole = max(0, int(seconds))
    if whole < 2 * _MINUTE:
        return f"{whole}s"
    if whole < 10 * _MINUTE:
        return _two(whole, _MINUTE, "m", 1, "s")
    if whole < 3 * _HOUR:
        return f"{whole // _MINUTE}m"
    if whole < 8 * _HOUR:
        return _two(whole, _HOUR, "h", _MINUTE, "m")
    if whole < 2 * _DAY:
        return f"{whole // _HOUR}h"
    return _two(whole, _DAY, "d", _HOUR, "h") if whole < 8 * _DAY else f"{whole // _DAY}d"


def _two(whole: int, large: int, large_word: str, small: int, small_word: str) -> str:
    rest = whole % large // small
    return f"{whole // large}{large_word}" + (f"{rest}{small_word}" if rest else "")
