"""Durations as users write them, ISO-8601 or Go style, and their length in seconds. Nothing else."""

from __future__ import annotations

import math
import re
from typing import Annotated

from pydantic import AfterValidator, Field

from .model import SchemaExtra, rule, rules

_SECONDS = r"\d{1,9}(?:\.\d{1,9})?S"
_TIME = rf"T(?:\d{{1,6}}H(?:\d{{1,6}}M)?(?:{_SECONDS})?|\d{{1,6}}M(?:{_SECONDS})?|{_SECONDS})"
_ISO = rf"P(?:[1-9]\d{{0,5}}W|[1-9]\d{{0,7}}D(?:{_TIME})?|{_TIME})"
_GO = r"(?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h))+"
PATTERN = rf"^(?:{_ISO}|{_GO})$"

_PART = re.compile(r"([\d.]+)(ms|[a-zA-Z])")
_UNIT = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}

# CEL knows Go style only; an ISO time is that in upper case behind `PT`, and days or weeks (never zero) need no arithmetic.
_IN_CEL = "duration((self.startsWith('PT') ? self.substring(2) : self).lowerAscii())"
_HAS_DAYS = "(self.contains('D') || self.contains('W'))"


def _bounded(expression: str, bound: str) -> SchemaExtra:
    """A rule instead of a `pattern`, because a rule has a message that people can read."""
    message = f"must be a duration {bound}: ISO-8601 such as PT15M or P7D, or Go style such as 15m or 1h30m"
    return rules(rule(f"self.matches(r'{PATTERN}') && ({expression})", message))


def at_least(iso: str) -> SchemaExtra:
    return _bounded(f"{_HAS_DAYS} || {_IN_CEL} >= duration('{seconds(iso)}s')", f"of at least {iso}")


def at_most(iso: str) -> SchemaExtra:
    within = f"{_IN_CEL} > duration('0s') && {_IN_CEL} <= duration('{seconds(iso)}s')"
    return _bounded(f"!{_HAS_DAYS} && {within}", f"longer than zero and of at most {iso}")


def seconds(text: str) -> int:
    """Whole seconds, rounded up so that no duration becomes nothing: `PT1M30S` and `1m30s` are 90."""
    if not re.fullmatch(PATTERN, text):
        raise ValueError(
            f"{text!r} is no duration: write ISO-8601 such as PT15M or P7D, or Go style such as 15m or 1h30m"
        )
    length = sum(float(number) * _UNIT[unit.lower()] for number, unit in _PART.findall(text))
    return math.ceil(round(length, 6))


def _checked(text: str) -> str:
    seconds(text)
    return text


_POSITIVE = _bounded(f"{_HAS_DAYS} || {_IN_CEL} > duration('0s')", "longer than zero")

# The text is kept as written.
Duration = Annotated[str, AfterValidator(_checked), Field(max_length=40, json_schema_extra=_POSITIVE)]
