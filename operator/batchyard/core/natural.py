"""The order in which people sort names with numbers in them. Knows text only."""

from __future__ import annotations

import re


def natural(text: str) -> str:
    """A key that sorts `task2` before `task10`: every number is preceded by its length."""
    return re.sub("[0-9]+", lambda found: _sized(found[0].lstrip("0")), text)


def _sized(digits: str) -> str:
    return f"{len(digits):02}{digits}"
