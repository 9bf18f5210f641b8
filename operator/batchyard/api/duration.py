"""Durations as users write them, ISO-8601 or Go style, and their length in seconds. Nothing else."""

from __future__ import annotations

import math
import re
from typing import Annotated

from pydantic import Field

from .model import SchemaExtra, rule, rules

_TIME = (
    r"(?:\d{1,6}H(?:\d{1,6}M)?(?:\d{1,9}(?:\.\d{1,9})?S)?|\d{1,6}M(?:\d{1,9}(?:\.\d{1,9})?S)?|\d{1,9}(?:\.\d{1,9})?S)"
)
_ISO = rf"P(?:[1-9]\d{{0,5}}W|[1-9]\d{{0,7}}D(?:T{_TIME})?|T{_TIME})"
_GO = r"(?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h))+"
PATTERN = rf"^(?:{_ISO}|{_GO})$"

_PART = re.compile(r"([\d.]+)(ms|[a-zA-Z])")
_UNIT = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}

# CEL knows Go style only; an ISO time is that in upper case behind `PT`, and days or weeks (never zero) need no arithmetic.
_IN_CEL = "duration((self.startsWith('PT') ? self.substring(2) : self).lowerAscii())"
_HAS_DAYS = "(self.contains('D') || self.contains('W'))"
POSITIVE = rule(f"{_HAS_DAYS} || {_IN_CEL} > duration('0s')", "must be longer than zero, for example PT15M or 15m")

Duration = Annotated[str, Field(max_length=40, pattern=PATTERN, json_schema_extra=rules(POSITIVE))]


def at_least(iso: str) -> SchemaExtra:
    bound = f"duration('{seconds(iso)}s')"
    return rules(rule(f"{_HAS_DAYS} || {_IN_CEL} >= {bound}", f"must be at least {iso}"))


def at_most(iso: str) -> SchemaExtra:
    bound = f"duration('{seconds(iso)}s')"
    return rules(POSITIVE, rule(f"!{_HAS_DAYS} && {_IN_CEL} <= {bound}", f"must be at most {iso}"))


def seconds(text: str) -> int:
    """Whole seconds, rounded up so that no duration becomes nothing: `PT1M30S` and `1m30s` are 90."""
    if not re.match(PATTERN, text):
        raise ValueError(
            f"{text!r} is no duration: write ISO-8601 such as PT15M or P7D, or Go style such as 15m or 1h30m"
        )
    return math.ceil(sum(float(number) * _UNIT[unit.lower()] for number, unit in _PART.findall(text)))
